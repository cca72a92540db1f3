// The two handlers under comparison: badnessd and the minimal one in C, started and awaited until they hold their memcg.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { oomControl } from "./memcgs.js";
import { linesOf, start, stop, until } from "./processes.js";

const badnessdFile = fileURLToPath(new URL("../bin/badnessd.js", import.meta.url));

/** In the environment of badnessd and of whatever it starts, so that the bench finds them all. */
export const MARK = { name: "BADNESSD_BENCH", value: String(process.pid) };

/** @typedef {{ pid: number, stop: () => Promise<void> }} Handler */

/** Why badnessd cannot be measured, or undefined when it can. */
export const whyNoBadnessd = () => (existsSync(badnessdFile) ? undefined : "bin/badnessd.js does not exist");

/**
 * @param {string} binaries @param {string} mountPoint @param {string} memcg
 * @returns {Promise<Handler>}
 */
export async function startReference(binaries, mountPoint, memcg) {
  const started = start(`${binaries}/handler`, [mountPoint, memcg]);
  await linesOf(started, 1);
  return { pid: Number(started.child.pid), stop: () => stop(started.child) };
}

/**
 * Starts badnessd with a configuration and a runtime directory of its own, without waiting for anything.
 * @param {string} guard the globs of `oom.guard`
 */
export function spawnBadnessd(guard) {
  const directory = mkdtempSync(`${tmpdir()}/badnessd-bench-`);
  const config = `${directory}/badnessd.conf`;
  const lines = [`oom.guard = ${guard}`, `oom.policy_files = ${directory}/policies/*.yaml`, "oom.system.enabled = 0"];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const args = [badnessdFile, "--config", config, "--runtime-dir", `${directory}/run`];
  const started = start(process.execPath, args, { ...process.env, [MARK.name]: MARK.value });
  started.child.once("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return { started, pid: Number(started.child.pid), stop: () => stop(started.child) };
}

/** @typedef {ReturnType<typeof spawnBadnessd>} Badnessd */

/**
 * Waits until the kernel's killer is held off in all of the memcgs; what has come once is not looked at again.
 * @param {Badnessd} badnessd @param {string[]} memcgDirs @param {number} [everyMs]
 */
export async function untilArmed({ started }, memcgDirs, everyMs = 1) {
  let armed = 0;
  const allArmed = () => {
    if (started.child.exitCode !== null)
      throw new Error(`badnessd exited ${started.child.exitCode}: ${started.errors}`);
    while (armed < memcgDirs.length && oomControl(String(memcgDirs[armed]), "oom_kill_disable") === 1) armed++;
    return armed === memcgDirs.length;
  };
  await until("badnessd to arm its memcgs", allArmed, { everyMs, withinMs: 30_000 });
}

/** @param {string} mountPoint @param {string} memcg @returns {Promise<Handler>} */
export async function startBadnessd(mountPoint, memcg) {
  const badnessd = spawnBadnessd(memcg);
  await untilArmed(badnessd, [mountPoint + memcg]);
  return badnessd;
}
