/** What comes between a choice and a kill. */
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import type { Fill } from "../kernel/memcg.ts";
import type { ReliefBy, ReliefOutcome, ReliefTried } from "../report/relief-event.ts";

/** The memcgs as they are now. */
export interface World {
  readonly tree: MemcgTree;
  readonly delayOf: (node: TreeNode) => number;
}

/** An OOM, as far as relief is concerned. */
export interface Plight {
  readonly held: { readonly node: TreeNode; readonly directory: string; readonly delayMs: number };
  /** Monotonic milliseconds. */
  readonly noticedMs: number;
  /** By then somebody must have died: relief ends well before. */
  readonly deadlineMs: number;
  /** How full it is. */
  fill(): Fill;
  /** Whether memory is still short: as a rule, because tasks wait for it. */
  isWaiting(): boolean;
  /** Whether a memcg above is out of memory by now: it is another's then. */
  isSuperseded(): boolean;
}

/** What came of an attempt. */
export interface Result {
  readonly outcome: ReliefOutcome;
  readonly detail?: string;
  /** Where it cannot be seen in the usage. */
  readonly gainedBytes?: number;
}

/** Something that somebody can do about an OOM before anybody dies. */
export interface Attempt {
  readonly by: ReliefBy;
  /** The OOM memcg, or the one whose listener, handler or hook it is. */
  readonly of: TreeNode;
  /** How long it may take at most; 0 or less: there is no time for it. */
  readonly windowMs: number;
  /** Resolves within `windowMs`, which may have become shorter. */
  begin(windowMs: number): Promise<Result>;
}

/** One attempt, or several side by side; resolves to what came of it, in good time before the deadline. */
export type Measure = () => Promise<readonly ReliefTried[]>;
