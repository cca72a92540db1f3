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
  readonly facts: TaskFacts;
}

/** What else a policy may ask of a process. Each is read when it is first asked for; null where it cannot be known. */
export interface TaskFacts {
  readonly swapBytes: number | null;
  readonly pageTableBytes: number | null;
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
  /** Of the xattrs `oomd_prefer` and `oomd_avoid` the one that is set, and counts. */
  readonly preference: Preference | null;
  readonly facts: MemcgFacts;
}

export type Preference = "prefer" | "avoid";

/**
 * What else a policy may ask of a memcg, always of its whole subtree. Each is read when it is first asked for; null where
 * this kernel does not tell.
 */
export interface MemcgFacts {
  /** Everything that is charged: anonymous memory, page cache, the kernel's own. */
  readonly usageBytes: number | null;
  /** Memory and swap that it may have at most. */
  readonly limitBytes: number | null;
  readonly swapBytes: number | null;
  /** Usage that the kernel keeps from being reclaimed: memory.min or memory.low, whichever is more (v2). */
  readonly protectedBytes: number | null;
  /** memory.pressure, and io.pressure (v2). */
  readonly memoryPressure: Pressure | null;
  readonly ioPressure: Pressure | null;
  /** Pages that reclaim has looked at since the memcg was made: `pgscan` of memory.stat (v2). */
  readonly pgScans: number | null;
  /** What was read and written since the memcg was made: io.stat (v2), or what the blkio controller has of this path. */
  readonly io: Io | null;
}

/** The share of time in which everybody stood still for want of something (the line `full`), in per cent. */
export interface Pressure {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

export interface Io {
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly operations: number;
}
