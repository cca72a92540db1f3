/**
 * The hierarchy as the walk sees it. Lower badness dies first, everywhere in this project.
 *
 * A value may be read from the kernel when it is first asked for, and never again: the same
 * object always gives the same answer, so a decision is a function of what was recorded.
 */

/** Badness that protects, also written `never`. */
export const PROTECTED = 10_000;

/** What dies when the choice falls on a memcg: one process of it, or all of it as one unit. */
export type KillUnit = "process" | "group";

/** A process. */
export interface Task {
  readonly pid: number;
  /** Memcg path of the thread group leader. */
  readonly memcg: string;
  readonly rssBytes: number;
  /** 0..10000 */
  readonly badness: number;
  /** Clock ticks after boot, field 22 of proc_pid_stat(5); with the pid, the identity of the process. */
  readonly startTime: number;
  readonly oomScoreAdj: number;
  readonly comm: string;
  /** One letter, field 3 of proc_pid_stat(5). */
  readonly state: string;
  readonly kernelThread: boolean;
  /** SIGKILL is pending, or the process is on its way out. */
  readonly dying: boolean;
  /** Never to be chosen: badnessd itself, its failsafe, or a pid that an earlier attempt could not kill. */
  readonly excluded: boolean;
}

/** A memcg. */
export interface Memcg {
  /** Relative to the memory controller's mount point, begins with `/`. */
  readonly path: string;
  /** 0..10000 */
  readonly badness: number;
  readonly kill: KillUnit;
  /** Never below `rssBytes`, and cheaper to read. */
  readonly rssCeilingBytes: number;
  /** `total_rss` (v1) or `anon` (v2) of memory.stat: the whole subtree. */
  readonly rssBytes: number;
  /** `rssCeilingBytes` if it has been read, else undefined: for reports, which must never cause a read. */
  readonly knownRssCeilingBytes: number | undefined;
  /** `rssBytes` if it has been read, else undefined: no comparison needed it. */
  readonly knownRssBytes: number | undefined;
  /** The child memcgs, in no particular order. */
  readonly children: readonly Memcg[];
  /** The processes attached to this very memcg, in no particular order. */
  readonly tasks: readonly Task[];
}
