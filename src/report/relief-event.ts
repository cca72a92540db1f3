/** Who may bring memory back before anybody dies, in the order in which they are turned to; see src/relief. */
export type ReliefBy = "reclaim" | "lend" | "listener" | "handler" | "pre-kill";

/**
 * `done`: they have done what they could. `pass`: they can do nothing. `unfinished`: nobody waited for memory any more before
 * they were done. `gone`: a listener that left, or does not read.
 */
export type ReliefOutcome = "done" | "pass" | "unfinished" | "timed out" | "gone" | "failed";

/** One attempt to do without a kill. */
export interface ReliefTried {
  readonly by: ReliefBy;
  /** The OOM memcg, or the one whose listener, handler or hook it is. */
  readonly of: string;
  readonly outcome: ReliefOutcome;
  /** In words what there is to say of it, or null. */
  readonly detail: string | null;
  /** How long they had. */
  readonly windowMs: number;
  readonly tookMs: number;
  /** By how much the usage of the OOM memcg was seen to fall, or its limit was raised. */
  readonly gainedBytes: number;
  /** Nobody waited for memory any more. */
  readonly relieved: boolean;
}
