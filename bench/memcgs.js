// Memcgs of the bench's own: where the v1 controller is, making a tree, reading its files, and leaving nothing behind.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";

/** The mount point of the v1 memory controller, or undefined where there is none. */
export function findMountPoint() {
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    if (type === "cgroup" && options.split(",").includes("memory")) return before.split(" ")[4];
  }
  return undefined;
}

/** Why no memcg can be made here, or undefined when one can. @param {string | undefined} mountPoint */
export function whyUnusable(mountPoint) {
  if (mountPoint === undefined) return "no cgroup v1 memory controller is mounted";
  try {
    accessSync(mountPoint, constants.W_OK);
  } catch {
    return `${mountPoint} is not writable`;
  }
  return existsSync(`${mountPoint}/cgroup.event_control`) ? undefined : `${mountPoint} has no cgroup.event_control`;
}

/** Fails where the memcg is there already: what exists belongs to somebody else. @param {string} dir */
export function make(dir) {
  mkdirSync(dir);
  return dir;
}

/** @param {string} dir @param {string} file @param {string | number} value */
export const write = (dir, file, value) => writeFileSync(`${dir}/${file}`, String(value));

/** @param {string} dir @param {string} file */
export const read = (dir, file) => readFileSync(`${dir}/${file}`, "utf8");

/** The pids attached to the memcg itself. @param {string} dir */
export const pidsOf = (dir) => read(dir, "cgroup.procs").split("\n").filter(Boolean).map(Number);

/** The memcg and all below it, children before their parents. @param {string} dir @returns {string[]} */
function subtree(dir) {
  const children = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => subtree(`${dir}/${child.name}`)), dir];
}

/** One field of memory.oom_control. @param {string} dir @param {"oom_kill_disable" | "under_oom" | "oom_kill"} field */
export function oomControl(dir, field) {
  const line = read(dir, "memory.oom_control")
    .split("\n")
    .find((text) => text.startsWith(`${field} `));
  return Number(line?.split(" ")[1]);
}

/** How many processes the kernel's own killer killed below this memcg. @param {string} dir */
export const kernelKills = (dir) => subtree(dir).reduce((sum, memcg) => sum + oomControl(memcg, "oom_kill"), 0);

/** Gives every memcg of the tree to the kernel's killer, ends what is in it and removes it. @param {string} top */
export function removeTree(top) {
  if (!existsSync(top)) return;
  const memcgs = subtree(top);
  for (const memcg of memcgs) write(memcg, "memory.oom_control", 0);
  const deadline = Date.now() + 10_000;
  while (memcgs.some(endProcesses) && Date.now() < deadline) sleep(5);
  for (const memcg of memcgs) removeMemcg(memcg, deadline);
}

/** @param {string} memcg @returns {boolean} whether there was any */
function endProcesses(memcg) {
  const pids = pidsOf(memcg);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
  }
  return pids.length > 0;
}

/** EBUSY passes a moment after the last process is gone. @param {string} memcg @param {number} deadline */
function removeMemcg(memcg, deadline) {
  for (;;) {
    try {
      return rmdirSync(memcg);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      sleep(5);
    }
  }
}

/** Blocks, so that it also works in the last moments of a process. @param {number} ms */
function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
