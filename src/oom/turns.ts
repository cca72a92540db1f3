/** Who may still decide while an OOM lasts, and what becomes of those who may not. */

import type { MemcgTree } from "../hierarchy/tree.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { readUsageBytes } from "../kernel/memcg.ts";
import type { Loaded } from "../policy/loaded.ts";
import type { Victim } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportStrike } from "./accounts.ts";
import type { Decision } from "./decide.ts";
import type { Rooms } from "./rooms.ts";

/** How often we look whether memory has come back. */
const LOOK_MS = 10;

/** The policies that have not lost their turn. */
export class Turns {
  #left: readonly Loaded[];

  constructor(all: readonly Loaded[]) {
    this.#left = all;
  }

  get left(): readonly Loaded[] {
    return this.#left;
  }

  /** It does not decide any more, for as long as this OOM lasts. */
  passOver(loaded: Loaded): void {
    this.#left = this.#left.filter((each) => each !== loaded);
  }

  /** Tells of those who failed, and of those who only rehearse: once is enough. */
  settle({ hierarchy, failed, rehearsed }: Decision, rooms: Rooms): void {
    const memcg = hierarchy.path;
    for (const { by, why } of failed) {
      this.passOver(by);
      rooms.reporter.report({ type: "fault", memcg, what: `policy ${by.policy.name} is passed over: ${why}` });
    }
    for (const { by, choice } of rehearsed) {
      this.passOver(by);
      reportDecision(rooms, { hierarchy, by, levels: choice.levels }, choice);
      reportStrike(rooms, memcg, { struck: [], unheld: victimTasks(choice.victim), missed: [] }, true);
    }
  }
}

/**
 * Looks how full the memcgs of a victim are, and says later whether they are less so. Only of an evaluator is it asked: its
 * word counts if memory was freed.
 */
export function watchMemory({ by }: Decision, victim: Victim, tree: MemcgTree): () => boolean {
  if (!("evaluateTask" in by.policy)) return () => true;
  const paths = new Set(victimTasks(victim).map(({ memcg }) => memcg));
  const directories = [...paths].flatMap((path) => {
    const node = tree.find(path);
    return node === null ? [] : tree.directoryOf(node);
  });
  const usage = () => directories.reduce((sum, directory) => sum + readUsageBytes(directory), 0);
  const before = usage();
  return () => usage() < before;
}

/** The pause that the policy wants after a kill, unless memory comes back before, or the delay ends. */
export async function pauseAfter({ by }: Decision, deadlineMs: number, isWaiting: () => boolean): Promise<void> {
  const end = Math.min(deadlineMs, nowMs() + by.postActionDelayMs);
  while (nowMs() < end && isWaiting()) await sleep(LOOK_MS);
}
