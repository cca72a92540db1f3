// From the spawn of badnessd to the kernel's killer held off in its one guarded memcg, again and again.
import { fixed, summary, table } from "./figures.js";
import { spawnBadnessd, untilArmed } from "./handlers.js";
import { make, oomControl } from "./memcgs.js";

const TIMES = 20;

/** @param {import("./run.js").Bench} bench */
export async function measureStart({ top, memcg }) {
  const dir = make(`${top}/start`);
  const times = [];
  for (let turn = 0; turn < TIMES; turn++) {
    const from = performance.now();
    const badnessd = spawnBadnessd(`${memcg}/start`);
    await untilArmed(badnessd, [dir]);
    times.push(performance.now() - from);
    await badnessd.stop();
    if (oomControl(dir, "oom_kill_disable") !== 0) throw new Error(`badnessd left ${dir} armed when it was stopped`);
  }
  return { ms: summary(times), times };
}

/** @param {Awaited<ReturnType<typeof measureStart>>} result */
export function startText({ ms }) {
  const cells = [ms.p50, ms.p90, ms.min, ms.max].map((value) => fixed(value, 0));
  return `From spawn to armed (ms)\n${table([
    ["", "p50", "p90", "min", "max", "times"],
    ["badnessd", ...cells, String(ms.n)],
  ])}`;
}
