/** A badness that was set on a process while badnessd runs, or that it inherited. */
import type { SetValue } from "./process-badness.ts";

export interface SetEntry {
  readonly pid: number;
  /** With the pid, the identity of the process. */
  readonly startTime: number;
  /** Null: it was told to have none, whatever its ancestors have. */
  readonly badness: number | null;
  /** When, as start times are counted: children that are older do not inherit it. */
  readonly since: number;
  /** Set without root's rights: never above what the policy files and the default say. */
  readonly isCap: boolean;
  /** Whose process it was when it was set: what its descendants inherit is counted with it. */
  readonly uid: number;
  /** The ancestor that it was set on; null for one that was asked for itself. */
  readonly inheritedFrom: number | null;
}

/** The source of what was set on the process itself. */
const SET_SOURCE = "set --pid";

/** What an entry means for its process. */
export function meaningOf({ badness, inheritedFrom, isCap }: SetEntry): SetValue | undefined {
  if (badness === null) return undefined;
  const source = inheritedFrom === null ? SET_SOURCE : `${SET_SOURCE}, inherited from ${inheritedFrom}`;
  return { value: badness, source, isCap };
}

/** What a child of the process that `entry` stands for is born with. */
export function bequeath(entry: SetEntry, { pid, startTime }: { pid: number; startTime: number }): SetEntry {
  return { ...entry, pid, startTime, since: startTime, inheritedFrom: entry.inheritedFrom ?? entry.pid };
}
