/** Doing something as a user without any rights. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestDaemon } from "./daemon.ts";

/** nobody */
export const USER = 65_534;
const AS_USER = { uid: USER, gid: USER } as const;
const CTL = fileURLToPath(new URL("../../bin/badnessctl.js", import.meta.url));

/** Lets the user reach the daemon's socket. */
export function openTo(daemon: TestDaemon): void {
  chmodSync(daemon.directory, 0o755);
}

/** Runs badnessctl to its end. */
export function ctlAsUser(
  daemon: TestDaemon,
  ...args: string[]
): { readonly code: number | null; readonly stderr: string } {
  const [command = "", ...rest] = args;
  const all = [CTL, command, "--runtime-dir", daemon.runtimeDir, ...rest];
  const { status, stderr } = spawnSync(process.execPath, all, { encoding: "utf8", ...AS_USER });
  return { code: status, stderr: stderr.trim() };
}

/** Starts a shell script. */
export function shAsUser(script: string): ChildProcess {
  return spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"], ...AS_USER });
}

/** Starts a script of Node's, and resolves once it has printed something. */
export async function nodeAsUser(script: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    ...AS_USER,
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the script ended with ${code}`)));
  });
  return child;
}
