/** Everything that is shown, as it is at one moment. */
import { version } from "../config/version.ts";
import type { Presence } from "../control/status.ts";
import type { OnKillCounts } from "../hooks/on-kill.ts";
import { type ProcessSize, readProcessSize } from "../kernel/own-size.ts";
import type { Counters, MemcgCounters } from "../report/counters.ts";
import { printable } from "../report/printable.ts";
import type { Observed } from "./observed.ts";

export interface Figures {
  readonly version: string;
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly dryRun: boolean;
  readonly armed: number;
  /** `memcg` is safe to print, and differs from all others as it is shown. */
  readonly memcgs: readonly MemcgCounters[];
  /** Memcgs that are none of those. */
  readonly leftOut: number;
  readonly observed: Observed;
  readonly onKill: OnKillCounts;
  readonly processes: readonly (ProcessSize & { readonly name: string })[];
}

/** Where the figures are found. */
export interface Sources {
  readonly counters: Counters;
  readonly observed: Observed;
  onKill(): OnKillCounts;
  presence(): Presence;
}

/** Each stands for six series or more, and writing them takes the handler from its work. */
const MOST_MEMCGS = 200;
const LONGEST_LABEL = 256;

/** Reads nothing of any memcg. */
export function gather({ counters, presence, observed, onKill }: Sources): Figures {
  const { armed, dryRun, pids } = presence();
  const { memcgs, leftOut } = chooseMemcgs(counters, armed);
  const processes = Object.entries(pids).flatMap(([name, pid]) => {
    const size = readProcessSize(pid);
    return size === null ? [] : { name, ...size };
  });
  const startTime = performance.timeOrigin / 1_000;
  const own = { version: version(), startTime, dryRun, armed: armed.length };
  return { ...own, memcgs, leftOut, observed, onKill: onKill(), processes };
}

/** Whatever has counted, and whatever is armed: a counter that is first seen at 1 was never seen to rise. */
function chooseMemcgs(counters: Counters, armed: readonly string[]): Pick<Figures, "memcgs" | "leftOut"> {
  const paths = new Set(["/", ...counters.paths(), ...armed]);
  const shown = new Map<string, MemcgCounters>();
  for (const path of byDepth(paths)) {
    const memcg = printable(path);
    // Two names that are shown alike would be one series twice, and spoil all the rest.
    if (memcg.length <= LONGEST_LABEL && !shown.has(memcg)) shown.set(memcg, { ...counters.of(path), memcg });
    if (shown.size === MOST_MEMCGS) break;
  }
  return { memcgs: [...shown.values()], leftOut: paths.size - shown.size };
}

/** The upper ones first, for they tell of those below them; of a level, those that are known longest. */
function byDepth(paths: Iterable<string>): string[] {
  const levels: string[][] = [[]];
  for (const path of paths) {
    const depth = path === "/" ? 0 : path.split("/").length;
    levels[depth] ??= [];
    levels[depth].push(path);
  }
  return levels.flat();
}
