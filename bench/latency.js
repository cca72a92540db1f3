// From the stall of the hog to its death: three identical trees side by side, one round after the other in each.
import { setTimeout as pause } from "node:timers/promises";
import { fixed, summary, table } from "./figures.js";
import { startBadnessd, startReference } from "./handlers.js";
import { makeTree, runOutOfMemory } from "./trees.js";

/** @typedef {"c" | "badnessd" | "kernel"} Contender */
/** @typedef {import("./run.js").Bench} Bench */

const WARM_UP_ROUNDS = 2;
const labels = { c: "C handler", badnessd: "badnessd", kernel: "kernel's killer" };

/** @param {Bench} bench @param {Contender[]} contenders @param {{ rounds: number, limitMib: number }} options */
export async function measureLatency(bench, contenders, { rounds, limitMib }) {
  const trees = new Map();
  for (const contender of contenders)
    trees.set(contender, await makeTree(bench.binaries, `${bench.top}/${contender}`, limitMib));
  const handlers = [];
  for (const contender of contenders) if (contender !== "kernel") handlers.push(await startHandler(bench, contender));

  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(contenders.map((contender) => [contender, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const contender of rotated(contenders, round + WARM_UP_ROUNDS)) {
      const ms = await runOutOfMemory(bench.binaries, trees.get(contender), { byKernel: contender === "kernel" });
      if (round >= 0) times[contender]?.push(ms);
      await pause(20);
    }
  }
  for (const handler of handlers) await handler.stop();
  return { limitMib, ...withRatios(times) };
}

/** @param {Bench} bench @param {"c" | "badnessd"} contender */
function startHandler({ binaries, mountPoint, memcg }, contender) {
  if (contender === "c") return startReference(binaries, mountPoint, `${memcg}/c`);
  return startBadnessd(mountPoint, `${memcg}/badnessd`);
}

/** @template T @param {T[]} list @param {number} by */
function rotated(list, by) {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** @param {Record<string, number[]>} times */
function withRatios(times) {
  const ms = Object.fromEntries(Object.entries(times).map(([contender, values]) => [contender, summary(values)]));
  const ratios = ["c", "kernel"].flatMap((other) => {
    const [ours, theirs] = [ms["badnessd"], ms[other]];
    if (!ours || !theirs) return [];
    return [{ of: "badnessd", to: other, p50: ours.p50 / theirs.p50, p90: ours.p90 / theirs.p90 }];
  });
  return { ms, ratios, times };
}

/** @param {Awaited<ReturnType<typeof measureLatency>>} result */
export function latencyText({ limitMib, ms, ratios }) {
  const rows = Object.entries(ms).map(([contender, { n, p50, p90, min, max }]) => [
    labels[/** @type {Contender} */ (contender)],
    ...[p50, p90, min, max].map((value) => fixed(value)),
    String(n),
  ]);
  const ratioRows = ratios.map(({ to, p50, p90 }) => [
    `badnessd / ${labels[/** @type {Contender} */ (to)]}`,
    fixed(p50),
    fixed(p90),
  ]);
  return [
    `From the stall of the hog to its death (ms), limit ${limitMib} MiB`,
    table([["", "p50", "p90", "min", "max", "rounds"], ...rows, ...ratioRows]),
  ].join("\n");
}
