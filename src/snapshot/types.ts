import type { KillUnit } from "../hierarchy/types.ts";

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
}

/** A memcg in a snapshot. */
export interface SnapshotMemcg {
  readonly path: string;
  readonly badness?: number;
  readonly kill?: KillUnit;
  /** Without it, the sum over the processes of the subtree. */
  readonly rssBytes?: number;
  /** Recorded where it settled the order, and `rssBytes` was therefore never read. */
  readonly rssCeilingBytes?: number;
}

/** A process in a snapshot. */
export interface SnapshotTask {
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
