/** Telling the kernel's killer whom we would have chosen, through oom_score_adj. */
import type { Task } from "../hierarchy/types.ts";
import { readOomScoreAdj, writeOomScoreAdj } from "../kernel/process.ts";

/** In a memcg OOM 1000 is worth one whole limit: nobody can outweigh it by size. */
const FIRST = 1000;
/** Nobody is to stand beside the first; the kernel's own default. */
const OTHERS = 0;
const NEVER = -1000;
/** Where others have to stand above the protected and below the first, in thousandths of the limit. */
const BETWEEN = 950;

export interface Projection {
  /** Writes back what was there before. */
  undo(): void;
}

/** Who is to die, who may instead, and who may not. */
export interface Parts {
  readonly first: readonly Task[];
  readonly others: readonly Task[];
  readonly spared: readonly Task[];
  /** What 1000 is worth. */
  readonly limitBytes: number;
}

/**
 * Writes `first` up and everybody else down, `spared` out of reach. Lowering below what an administrator set needs
 * CAP_SYS_RESOURCE, raising needs nothing: where `spared` cannot be lowered, the others are raised above them instead. With
 * nobody to be first they are left as they are, or raised all alike, so that size decides.
 */
export function project({ first, others, spared, limitBytes }: Parts): Projection {
  const adjustments = new Adjustments();
  for (const task of first) adjustments.put(task, FIRST);
  // All of them are to be tried.
  const refused = spared.filter((task) => !adjustments.lower(task, NEVER));
  for (const task of refused) adjustments.lower(task, OTHERS);
  for (const task of others) {
    // Who is out of reach stays there.
    if (readOomScoreAdj(task.pid) === NEVER) continue;
    if (refused.length > 0) adjustments.put(task, first.length === 0 ? FIRST : belowFirst(task, limitBytes));
    else if (first.length > 0) adjustments.lower(task, OTHERS);
  }
  return { undo: () => adjustments.undo() };
}

/** With the size of the process added, as the kernel does, it comes out between the protected and the first. */
function belowFirst({ rssBytes }: Task, limitBytes: number): number {
  return Math.max(OTHERS, Math.floor(BETWEEN - (1000 * rssBytes) / limitBytes));
}

/** What was written, and what was there before. */
class Adjustments {
  readonly #before: { readonly pid: number; readonly value: number }[] = [];

  /** False where the kernel refuses. */
  put({ pid }: Task, value: number): boolean {
    const present = readOomScoreAdj(pid);
    if (value === present) return true;
    const outcome = writeOomScoreAdj(pid, value);
    if (outcome === "written") this.#before.push({ pid, value: present });
    return outcome !== "refused";
  }

  lower(task: Task, value: number): boolean {
    return readOomScoreAdj(task.pid) <= value || this.put(task, value);
  }

  undo(): void {
    for (const { pid, value } of this.#before) writeOomScoreAdj(pid, value);
  }
}
