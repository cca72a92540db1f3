/** Who may still decide while an OOM lasts, and what becomes of those who may not. */

import type { MemcgTree } from "../hierarchy/tree.ts";
import { readPages, readUsageBytes } from "../kernel/memcg.ts";
import type { Loaded } from "../policy/loaded.ts";
import { printable } from "../report/printable.ts";
import { describeUndecided } from "../report/undecided.ts";
import type { Victim } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportStrike } from "./accounts.ts";
import type { Decision } from "./decide.ts";
import type { Rooms } from "./rooms.ts";

/** The kernel counts a page that it takes back as one, whatever its size. */
const PAGE_BYTES = 4096;
const HUGE_PAGE_BYTES = 2 * 1024 * 1024;
/** Of a victim's pages so many must have come back: some are shared, and of others' a few come and go all the time. */
const SHARE = 1 / 16;

/** The policies that have not lost their turn. */
export class Turns {
  #left: readonly Loaded[];
  readonly #told = new Set<Loaded>();

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

  /** Its victim is dead, and memory as short as before. */
  passOverForNothing({ by, hierarchy }: Decision, victim: Victim, { reporter }: Rooms): void {
    this.passOver(by);
    const what = `policy ${by.policy.name} is passed over: its victim, ${nameOf(victim)}, freed no memory`;
    reporter.report({ type: "fault", memcg: hierarchy.path, what });
  }

  /** Why those before did not decide. Who knows nobody is asked again at the next kill, and spoken of once. */
  newsOf({ failed, rehearsed, silent }: Decision): string {
    const untold = silent.filter((each) => !this.#told.has(each));
    for (const each of untold) this.#told.add(each);
    return describeUndecided({ failed, rehearsed, silent: untold });
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
 * Looks at the memcgs of a victim, and says later whether its death has freed memory: true once it was seen. Only of an
 * evaluator is it asked: its word counts if memory was freed.
 *
 * Where others wait for the memory they have it at once, and the usage is back where it was: ask right behind the signal.
 * What the kernel counts of pages taken back does not go down again, but it may be old, and is a count of pages of any size.
 */
export function watchMemory({ by }: Decision, victim: Victim, tree: MemcgTree): () => boolean {
  if (!("evaluateTask" in by.policy)) return () => true;
  const tasks = victimTasks(victim);
  const directories = [...new Set(tasks.map(({ memcg }) => memcg))].flatMap((path) => {
    const node = tree.find(path);
    return node === null ? [] : tree.directoryOf(node);
  });
  const sum = (read: (directory: string) => number) => directories.reduce((all, each) => all + read(each), 0);
  const at = directories.map(readPages);
  const hugeShare = Math.max(0, ...at.map((each) => each.hugeShare));
  const rssBytes = tasks.reduce((all, task) => all + task.rssBytes, 0);
  const pages = rssBytes * ((1 - hugeShare) / PAGE_BYTES + hugeShare / HUGE_PAGE_BYTES);
  const usageBytes = sum(readUsageBytes);
  const isLess = () => sum(readUsageBytes) < usageBytes;
  const givenBack = at.reduce((all, each) => all + each.givenBack, 0);
  const isGivenBack = () => sum((each) => readPages(each).givenBack) - givenBack >= pages * SHARE;
  let isSeen = false;
  return () => {
    isSeen ||= isLess() || (pages > 0 && isGivenBack());
    return isSeen;
  };
}

function nameOf(victim: Victim): string {
  if (victim.kind === "memcg") return `all of ${printable(victim.memcg.path)}`;
  return `process ${victim.task.pid} (${printable(victim.task.comm)})`;
}
