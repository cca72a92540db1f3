/** Whose badness a process without one of its own inherits, as oom_score_adj is inherited: at its birth. */
import type { SetEntry } from "./set-entry.ts";

/** A process as a link in a chain of ancestors. */
export interface Link {
  readonly startTime: number;
  readonly ppid: number;
}

/** Processes nest deeper than this in attacks alone; what lies below is entered by the births (see process-table.ts). */
const DEEPEST = 64;

/**
 * The entry of the nearest ancestor that has one, if this branch of its descendants was born after it was set. An ancestor
 * counts while it lives: who has lost their parent is the child of whoever took them in.
 */
export function inheritedEntry(
  child: Link,
  entryOf: (pid: number, startTime: number) => SetEntry | undefined,
  parentOf: (pid: number) => Link | null,
): SetEntry | undefined {
  let { startTime, ppid } = child;
  for (let depth = 0; depth < DEEPEST && ppid > 0; depth++) {
    const parent = parentOf(ppid);
    // Younger than its child: the parent has ended since, and its pid is another's.
    if (parent === null || parent.startTime > startTime) return undefined;
    const entry = entryOf(ppid, parent.startTime);
    if (entry !== undefined) return startTime >= entry.since ? entry : undefined;
    ({ startTime, ppid } = parent);
  }
  return undefined;
}

/** A reading of parents that remembers, until it is told to forget: a decision asks for the same ancestors again and again. */
export function remembering(read: (pid: number) => Link | null): {
  of(pid: number): Link | null;
  forget(): void;
} {
  const known = new Map<number, Link | null>();
  return {
    of(pid) {
      let link = known.get(pid);
      if (link === undefined) {
        link = read(pid);
        known.set(pid, link);
      }
      return link;
    },
    forget: () => known.clear(),
  };
}
