// Compiles the C side of the bench: the reference handler and the tenants.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const binaries = fileURLToPath(new URL("bin", import.meta.url));

/** Why there are no binaries, or undefined when they are there. */
export function compile() {
  mkdirSync(binaries, { recursive: true });
  for (const program of ["handler", "tenants"]) {
    const source = fileURLToPath(new URL(`${program}.c`, import.meta.url));
    const { error, status, stderr } = spawnSync(process.env["CC"] ?? "cc", [
      "-O2",
      "-o",
      `${binaries}/${program}`,
      source,
    ]);
    if (error) return `no C compiler: ${error.message}`;
    if (status !== 0) throw new Error(`cc failed on ${source}: ${stderr}`);
  }
  return undefined;
}
