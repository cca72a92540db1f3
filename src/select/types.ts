import type { Memcg, Task } from "../hierarchy/types.ts";

/** Something that can be compared with its siblings on one level. */
export type Candidate =
  | { readonly kind: "process"; readonly task: Task }
  | { readonly kind: "memcg"; readonly memcg: Memcg };

/** Which comparison decided between two candidates. */
export type DecidedBy = "badness" | "rss" | "kind" | "startTime" | "pid" | "path";

/** Why something is no candidate at all. */
export type PassedOver =
  | "protected"
  | "oom_score_adj -1000"
  | "pid 1"
  | "kernel thread"
  | "zombie"
  | "already dying"
  | "excluded"
  | "no killable process";

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
  /** Passed over or lost, each with the reason. */
  readonly losers: readonly Loser[];
}

export interface Loser {
  readonly candidate: Candidate;
  /** `DecidedBy`: lost against `chosen` in that comparison. `PassedOver`: was no candidate. "tried": an earlier victim. */
  readonly reason: DecidedBy | PassedOver | "tried";
}

/** One victim of the ranking, and the levels that led to it, the OOM memcg's first. */
export interface Choice {
  readonly victim: Victim;
  readonly levels: readonly Level[];
}

/** Decides the order among the candidates of one level. */
export interface Policy {
  readonly name: string;
  /** Best victim first. Asks for a size only where a larger one could change the order. */
  rank(candidates: readonly Candidate[]): Iterable<Candidate>;
  /** Which comparison put `first` before `second`. */
  decidedBy(first: Candidate, second: Candidate): DecidedBy;
}
