/** Telling the kernel's killer whom we would have chosen, through oom_score_adj. */
import type { Task } from "../hierarchy/types.ts";
import { readOomScoreAdj, writeOomScoreAdj } from "../kernel/process.ts";

/** In a memcg OOM 1000 is worth one whole limit: nobody can outweigh it by size. */
const FIRST = 1000;
/** Nobody is to stand beside the first; the kernel's own default. */
const OTHERS = 0;
const NEVER = -1000;

export interface Projection {
  /** Writes back what was there before. */
  undo(): void;
}

/**
 * Writes `first` up and everybody else down, `spared` out of reach where we may: lowering below what an administrator
 * set needs CAP_SYS_RESOURCE. Two strict levels is all that oom_score_adj has room for.
 */
export function project(first: readonly Task[], others: readonly Task[], spared: readonly Task[]): Projection {
  const before: { pid: number; value: number }[] = [];
  const write = (tasks: readonly Task[], valueFor: (present: number) => number) => {
    for (const { pid } of tasks) {
      const present = readOomScoreAdj(pid);
      if (valueFor(present) === present || !writeOomScoreAdj(pid, valueFor(present))) continue;
      before.push({ pid, value: present });
    }
  };
  write(first, () => FIRST);
  write(others, (present) => Math.min(present, OTHERS));
  write(spared, (present) => Math.min(present, NEVER));
  return {
    undo() {
      for (const { pid, value } of before) writeOomScoreAdj(pid, value);
    },
  };
}
