import type { Memcg, Task } from "../hierarchy/types.ts";

/** Something that can be compared with its siblings on one level. */
export type Candidate =
  | { readonly kind: "process"; readonly task: Task }
  | { readonly kind: "memcg"; readonly memcg: Memcg };

/** In what one candidate went before another. */
export interface Comparison {
  /** In a word or two, as "swap"; `explain --json` gives it as the reason. */
  readonly by: string;
  /** What was compared, if it was numbers. */
  readonly values?: { readonly target: number; readonly peer: number; readonly unit: Unit };
}

export type Unit = "bytes" | "bytes/s" | "pages/s" | "%" | "times" | "points";

/** The order on one level, and what can be said of it. */
export interface Order {
  /** Best victim first; some may be left out. */
  readonly ranked: Iterable<Candidate>;
  describe(target: Candidate, peers: readonly Candidate[]): string;
  compare(target: Candidate, peer: Candidate): Comparison;
}

/** Why something is no candidate at all. */
export type PassedOver =
  | "protected"
  | "oom_score_adj -1000"
  | "pid 1"
  | "kernel thread"
  | "zombie"
  | "already dying"
  | "excluded"
  | "no killable process"
  | "no anonymous memory"
  | "not ranked";

/** Who dies. */
export type Victim =
  | { readonly kind: "process"; readonly task: Task }
  | { readonly kind: "memcg"; readonly memcg: Memcg; readonly tasks: readonly Task[] };

/** One level of the walk: what stood beside each other under one memcg, and what became of it. */
export interface Level {
  readonly memcg: Memcg;
  /** The whole memcg is the victim, as one unit: nothing was compared. */
  readonly group: boolean;
  /** What the walk took here: the victim, or the memcg it went down into; null for a group. */
  readonly chosen: Candidate | null;
  /** Why it was taken, in the words of the policy; "" where nothing was. */
  readonly why: string;
  /** Passed over or lost, each with the reason. */
  readonly losers: readonly Loser[];
}

/** Who did not die, and why. */
export type Loser = { readonly candidate: Candidate } & (
  | { readonly reason: "lost"; readonly comparison: Comparison }
  /** "tried": an earlier victim. */
  | { readonly reason: PassedOver | "tried" }
);

/** One victim of the ranking, and the levels that led to it, the OOM memcg's first. */
export interface Choice {
  readonly victim: Victim;
  readonly levels: readonly Level[];
}
