import type { KillUnit, MemcgFacts, Preference, TaskFacts } from "../hierarchy/types.ts";

/**
 * A hierarchy as plain data, with nothing in it but what is known: what is written down for replay.
 * Keys that are not named here may ride along, and are printed again.
 */
export interface Snapshot {
  readonly oomMemcg: string;
  readonly memcgs: readonly SnapshotMemcg[];
  readonly tasks: readonly SnapshotTask[];
  /** Pids never to be chosen. */
  readonly exclude: readonly number[];
  /** The policy that decided over it, where it was not strict-priority. */
  readonly decidedBy?: DecidedBy;
}

/** A policy with its arguments. */
export interface DecidedBy {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A memcg in a snapshot. A fact that nobody asked for is not in it. */
export interface SnapshotMemcg extends Partial<MemcgFacts> {
  readonly path: string;
  readonly badness?: number;
  readonly kill?: KillUnit;
  /** Without it, the sum over the processes of the subtree. */
  readonly rssBytes?: number;
  /** Recorded where it settled the order, and `rssBytes` was therefore never read. */
  readonly rssCeilingBytes?: number;
  readonly preference?: Preference;
  /** What the policy's own `prerun` had kept of it. */
  readonly sample?: unknown;
}

/** A process in a snapshot. */
export interface SnapshotTask extends Partial<TaskFacts> {
  readonly pid: number;
  readonly memcg: string;
  readonly rssBytes?: number;
  readonly badness?: number;
  readonly startTime?: number;
  readonly oomScoreAdj?: number;
  readonly comm?: string;
  readonly state?: string;
  readonly kernelThread?: boolean;
  /** It was already dying when this was recorded. */
  readonly dying?: boolean;
}
