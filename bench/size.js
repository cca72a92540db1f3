// What badnessd and its failsafe hold for themselves (USS), and how often they wake while nothing happens.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import koffi from "koffi";
import { fixed, table } from "./figures.js";
import { MARK, startBadnessd } from "./handlers.js";
import { make } from "./memcgs.js";

const IDLE_SECONDS = 5;
const script = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/** @typedef {ReturnType<typeof parseSize>} Size */

/** Measured by a shell script, so that no other node process is there but this one. @param {import("./run.js").Bench} bench */
export async function measureSize({ top, mountPoint, memcg }) {
  make(`${top}/size`);
  const badnessd = await startBadnessd(mountPoint, `${memcg}/size`);
  const args = [script("idle.sh"), String(badnessd.pid), `${MARK.name}=${MARK.value}`, String(IDLE_SECONDS)];
  const { stdout } = await promisify(execFile)("sh", args);
  await badnessd.stop();
  return parseSize(stdout);
}

/** Replaces this process by the shell script, so that not even this node is there. @param {string} mountPoint */
export function becomeSizeScript(mountPoint) {
  const libc = koffi.load(null);
  const fcntl = libc.func("int fcntl(int fd, int operation, ...)");
  const execv = libc.func("int execv(const char *file, const char **argv)");
  const F_SETFD = 2;
  // Node marks its standard streams close-on-exec.
  for (const fd of [0, 1, 2]) fcntl(fd, F_SETFD, "int", 0);
  execv("/bin/sh", ["sh", script("alone.sh"), process.execPath, mountPoint, String(IDLE_SECONDS), null]);
  throw new Error("Cannot execute /bin/sh");
}

/** @param {string} text what idle.sh printed */
function parseSize(text) {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const processes = lines
    .filter(([kind]) => kind === "process")
    .map(([, pid, name, clean, dirty, wakeups]) => ({
      pid: Number(pid),
      name: String(name),
      privateCleanKib: Number(clean),
      privateDirtyKib: Number(dirty),
      ussKib: Number(clean) + Number(dirty),
      wakeupsPerSecond: Number(wakeups) / IDLE_SECONDS,
    }));
  const otherNodes = Number(lines.find(([kind]) => kind === "others")?.[1]);
  return {
    processes,
    otherNodes,
    ussKib: sum(processes, "ussKib"),
    wakeupsPerSecond: sum(processes, "wakeupsPerSecond"),
  };
}

/** @template {string} K @param {Record<K, number>[]} rows @param {K} key */
const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);

/** @param {Size} size */
export function sizeText(size) {
  const mib = (/** @type {number} */ kib) => fixed(kib / 1024);
  const rows = size.processes.map((row) => [
    `${row.name} (${row.pid})`,
    mib(row.privateCleanKib),
    mib(row.privateDirtyKib),
    mib(row.ussKib),
    fixed(row.wakeupsPerSecond, 1),
  ]);
  return [
    `Idle, beside ${size.otherNodes} other node processes that share node's text with it (MiB)`,
    table([
      ["", "private clean", "private dirty", "USS", "wake-ups/s"],
      ...rows,
      ["together", "", "", mib(size.ussKib), fixed(size.wakeupsPerSecond, 1)],
    ]),
  ].join("\n");
}
