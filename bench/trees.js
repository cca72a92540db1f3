// The measured tree: a parent memcg with a limit, siblings that each hold a small sleeper, and one empty for the hog.
import { kernelKills, make, oomControl, pidsOf, read, write } from "./memcgs.js";
import { linesOf, start, until } from "./processes.js";

const MIB = 2 ** 20;
const SIBLINGS = 20;
const SLEEPER_MIB = 4;

// What may still be charged beyond the sleepers when the hog is gone: page tables, the kernel's per-CPU stocks.
const SLACK_MIB = 8;

/**
 * @typedef {object} Tree
 * @property {string} dir
 * @property {string} hogDir
 * @property {number} limitMib
 * @property {number} calmBytes below this usage the hog's memory is uncharged
 * @property {string} sleepers
 * @property {number} kernelKills
 */

/** @param {string} binaries @param {string} dir @param {number} limitMib @returns {Promise<Tree>} */
export async function makeTree(binaries, dir, limitMib) {
  make(dir);
  write(dir, "memory.limit_in_bytes", limitMib * MIB);
  const names = Array.from({ length: SIBLINGS - 1 }, (_, index) => `sleeper-${String(index + 1).padStart(2, "0")}`);
  const dirs = names.map((name) => make(`${dir}/${name}`));
  const hogDir = make(`${dir}/hog`);
  const procsFiles = dirs.map((memcg) => `${memcg}/cgroup.procs`);
  await linesOf(start(`${binaries}/tenants`, ["sleep", String(SLEEPER_MIB), ...procsFiles]), procsFiles.length);
  const calmBytes = usageBytes(dir) + SLACK_MIB * MIB;
  return { dir, hogDir, limitMib, calmBytes, sleepers: sleepersOf(dir, names), kernelKills: kernelKills(dir) };
}

/** Who lives where, as text that changes when a sleeper dies. @param {string} dir @param {string[]} names */
function sleepersOf(dir, names) {
  return names.map((name) => `${name}:${pidsOf(`${dir}/${name}`)}`).join(" ");
}

/**
 * One OOM: from the hog's last progress to its death, in ms. Fails unless the hog, and only it, died of SIGKILL.
 * @param {string} binaries @param {Tree} tree @param {{ byKernel: boolean }} who
 */
export async function runOutOfMemory(binaries, tree, { byKernel }) {
  const hog = start(`${binaries}/tenants`, ["hog", String(2 * tree.limitMib), `${tree.hogDir}/cgroup.procs`]);
  const overdue = setTimeout(() => hog.child.kill("SIGTERM"), 30_000);
  const [line] = await linesOf(hog, 1);
  clearTimeout(overdue);
  const { stallNs, deathNs, signal } = JSON.parse(String(line));
  if (signal !== 9) throw new Error(`The hog in ${tree.dir} ended with signal ${signal}, expected 9: ${hog.errors}`);
  await untilCalm(tree);
  checkOnlyHogDied(tree, byKernel);
  return (deathNs - stallNs) / 1e6;
}

/** @param {string} dir */
const usageBytes = (dir) => Number(read(dir, "memory.usage_in_bytes"));

/** @param {Tree} tree */
const untilCalm = ({ dir, calmBytes }) =>
  until(
    `${dir} to be out of OOM with the hog's memory uncharged`,
    () => oomControl(dir, "under_oom") === 0 && usageBytes(dir) < calmBytes,
  );

/** @param {Tree} tree @param {boolean} byKernel */
function checkOnlyHogDied(tree, byKernel) {
  const names = tree.sleepers.split(" ").map((sleeper) => String(sleeper.split(":")[0]));
  const sleepers = sleepersOf(tree.dir, names);
  if (sleepers !== tree.sleepers) throw new Error(`A sleeper died in ${tree.dir}: ${tree.sleepers} became ${sleepers}`);
  const kills = kernelKills(tree.dir);
  if (kills - tree.kernelKills !== Number(byKernel))
    throw new Error(`The kernel killed ${kills - tree.kernelKills} in ${tree.dir}, expected ${Number(byKernel)}`);
  tree.kernelKills = kills;
}
