// npm run bench: how fast, how small and how soon ready badnessd is, beside a minimal C handler and the kernel's killer.
import { cpus, loadavg, release } from "node:os";
import { binaries, compile } from "./compile.js";
import { fixed } from "./figures.js";
import { whyNoBadnessd } from "./handlers.js";
import { latencyText, measureLatency } from "./latency.js";
import { findMountPoint, make, removeTree, whyUnusable } from "./memcgs.js";
import { parseOptions, USAGE } from "./options.js";
import { stopAll } from "./processes.js";
import { measureScale, scaleText } from "./scale.js";
import { becomeSizeScript, measureSize, sizeText } from "./size.js";
import { measureStart, startText } from "./start.js";

/** @typedef {{ binaries: string, mountPoint: string, memcg: string, top: string }} Bench */
/** @typedef {{ result: unknown, text: string }} Figure */

const [loadBefore = Number.NaN] = loadavg();
const options = readOptions();
const mountPoint = findMountPoint() ?? "";
const memcg = `/badnessd-bench-${process.pid}`;
const bench = { binaries, mountPoint, memcg, top: mountPoint + memcg };
/** @type {Promise<void> | undefined} */
let ending;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => end(130));
process.once("uncaughtException", failed);
await main().catch(failed);

async function main() {
  const skip = whyUnusable(findMountPoint()) ?? (options.ussAlone ? whyNoBadnessd() : compile());
  if (skip !== undefined) return console.log(`Skipped: ${skip}`);
  if (options.ussAlone) return becomeSizeScript(mountPoint);
  const missing = whyNoBadnessd();
  if (missing !== undefined) console.error(`Without badnessd: ${missing}`);
  make(bench.top);
  report(await measure(missing === undefined));
  await end(0);
}

/** @param {boolean} withBadnessd @returns {Promise<Record<string, Figure>>} */
async function measure(withBadnessd) {
  const wanted = (/** @type {string} */ name) =>
    options.only.has(name) && (withBadnessd || ["c", "kernel"].includes(name));
  const contenders = /** @type {const} */ (["c", "badnessd", "kernel"]).filter(wanted);
  /** @type {Record<string, Figure>} */
  const figures = {};
  if (wanted("start")) figures["start"] = figure(await measureStart(bench), startText);
  if (wanted("size")) figures["size"] = figure(await measureSize(bench), sizeText);
  if (wanted("scale")) figures["scale"] = figure(await measureScale(bench), scaleText);
  if (contenders.length > 0) figures["latency"] = figure(await measureLatency(bench, contenders, options), latencyText);
  return figures;
}

/** @template T @param {T} result @param {(result: T) => string} describe @returns {Figure} */
function figure(result, describe) {
  return { result, text: describe(result) };
}

/** @param {Record<string, Figure>} figures */
function report(figures) {
  const machine = {
    date: new Date().toISOString(),
    kernel: release(),
    node: process.version,
    cpus: cpus().length,
    load: fixed(loadBefore),
  };
  const results = Object.entries(figures).map(([name, { result }]) => [name, result]);
  if (options.json) return console.log(JSON.stringify({ machine, ...Object.fromEntries(results) }));
  console.log(
    `${machine.date}, Linux ${machine.kernel}, node ${machine.node}, ${machine.cpus} CPUs, load ${machine.load} before\n`,
  );
  console.log(
    Object.values(figures)
      .map(({ text }) => text)
      .join("\n\n"),
  );
}

/** @param {unknown} error */
function failed(error) {
  if (ending === undefined) console.error(error);
  return end(1);
}

/** Leaves nothing behind, whichever way the bench ends; handlers first, so that nobody arms again what is disarmed. @param {number} code */
function end(code) {
  ending ??= stopAll().then(() => {
    if (mountPoint !== "") removeTree(bench.top);
    process.exit(code);
  });
  return ending;
}

function readOptions() {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (!parsed.help) return parsed;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exit(2);
  }
}
