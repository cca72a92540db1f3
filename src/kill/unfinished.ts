/** Who is left when kill-all ends, and why. */
import { frozenBy } from "../kernel/freezer.ts";
import type { Census } from "./census.ts";

/** A process that is in the subtree still and was not to be spared. */
export interface Left {
  readonly pid: number;
  /** Null where /proc does not show it. */
  readonly comm: string | null;
  /** `EPERM`, `moved to PATH`, `frozen in DIRECTORY`, `not dead yet`, `hidden`, or `came too late`. */
  readonly why: string;
}

/** Nobody is there but who is spared, as far as could be seen, and all could be seen. */
export function isEmpty({ killable, dying, unseen, unread }: Census): boolean {
  return killable.length + dying.length + unseen.length + unread.length === 0;
}

/** `missed`: why a process was not struck at the last try, by pid. */
export function leftOf({ killable, dying, unseen }: Census, missed: ReadonlyMap<number, string>): readonly Left[] {
  return [
    ...killable.map(({ pid, comm }) => ({ pid, comm, why: missed.get(pid) ?? "came too late" })),
    ...dying.map(({ pid, comm }) => ({ pid, comm, why: whyNotDead(pid) })),
    ...unseen.map((pid) => ({ pid, comm: null, why: "hidden" })),
  ];
}

/** Whether waiting is no use for anybody who is left, unless somebody else does something. */
export function isHopeless({ killable, dying }: Census, missed: ReadonlyMap<number, string>): boolean {
  return killable.every(({ pid }) => missed.has(pid)) && dying.every(({ pid }) => frozenBy(pid) !== null);
}

function whyNotDead(pid: number): string {
  const directory = frozenBy(pid);
  return directory === null ? "not dead yet" : `frozen in ${directory}`;
}
