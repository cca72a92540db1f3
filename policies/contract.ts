/**
 * What a policy is: a plain object that says who dies first. Copy template.ts, add it to index.ts, and it can be named
 * in a configuration. Of the two shapes most want the first:
 *
 * - a `RankingPolicy` puts siblings into an order, best victim first, on one level after the other (as oomd's kill plugins);
 * - an `EvaluatingPolicy` says yes or no to one process after another (as a BPF OOM policy).
 *
 * All else is done by the engine, once for all of them: which memcgs take part, going down the tree and back up when a
 * victim cannot be killed, killing and waiting for the death, dry runs, reports and records. Whatever a policy says,
 * protection holds: what is protected, pid 1, kernel threads, the dying and badnessd itself are no candidates.
 *
 * A policy is a pure function of what it is given. It reads nothing, keeps nothing and knows no clock, so that the record
 * of a decision leads to the same victim again; and it answers at once: a promise is no answer. Facts are read when they
 * are asked for: ask for no more than you need.
 */
import type { Memcg, MemcgFacts, Task, TaskFacts } from "../src/hierarchy/types.ts";
import type { Candidate, Comparison } from "../src/select/types.ts";

export type Policy = RankingPolicy | EvaluatingPolicy;

/** What is said of every policy. */
interface Described<A extends ArgumentSpecs> {
  /** In small letters with dashes: what a user writes, and what stands in reports and records. */
  readonly name: string;
  /** What it does, in one line: for `badnessctl policies`. */
  readonly summary: string;
  /** What a user may set; checked when the configuration is read, so values are always as described. */
  readonly arguments?: A;
  /** Facts without which it cannot work. Where the kernel has none of them, the policy is refused when it is loaded. */
  needs?(args: ValuesOf<A>): readonly FactName[];
}

/** Decides the order among siblings. `S` is what it remembers of a memcg from one interval to the next. */
export interface RankingPolicy<A extends ArgumentSpecs = ArgumentSpecs, S = unknown> extends Described<A> {
  /** How the tree is walked; "levels" if it says nothing. */
  readonly walk?: Walk;

  /**
   * Called every five seconds of each memcg that may come to be ranked, for what needs samples over time. What it returns
   * is plain data; it is `before` at the next call, and `sampleOf` gives it when there is an OOM.
   */
  prerun?(memcg: Memcg, before: S | undefined, nowMs: number, args: ValuesOf<A>): S;

  /**
   * The siblings in the order in which they should die, best victim first. One that is left out is not killed by this
   * policy. Called once a level. It may be a generator: no more is asked for than is needed.
   */
  rankForKilling(siblings: readonly Candidate[], level: OomLevel<A, S>): Iterable<Candidate>;

  /** Why `target` went before its `peers`, in a few words: "most swap". */
  describeKill(target: Candidate, peers: readonly Candidate[], level: OomLevel<A, S>): string;

  /** The comparison in which `peer` lost against `target`, for the report. Reads nothing that ranking did not read. */
  decidedBy?(target: Candidate, peer: Candidate, level: OomLevel<A, S>): Comparison;
}

/** Decides about one process after another: the oldest first, whatever memcg it is in. */
export interface EvaluatingPolicy<A extends ArgumentSpecs = ArgumentSpecs> extends Described<A> {
  evaluateTask(task: Task, oom: Oom<A>): Verdict;
}

/**
 * - `select`: take this one. A later `select` replaces it.
 * - `next`: not this one.
 * - `abort`: end here and take nobody, whoever was selected.
 * - `no-policy`: nothing to say of it.
 *
 * Where nobody was selected, or the death of who was freed no memory, the next policy is asked: that of the memcg above,
 * and at last strict-priority.
 */
export type Verdict = "select" | "next" | "abort" | "no-policy";

/**
 * - "levels": on each level the child memcgs and the processes beside them are siblings. Down into the first; what dies
 *   is one process, or all of a memcg that says `kill: group`.
 * - "memcgs": as oomd: siblings are the same, but a memcg without child memcgs dies as a whole, and the xattrs
 *   `oomd_prefer` and `oomd_avoid` come before the order. With `recursive` off the first memcg dies as a whole.
 * - "processes": as the kernel: every process of the subtree is a sibling of every other.
 */
export type Walk = "levels" | "memcgs" | "processes";

/** What is out of memory. */
export interface Oom<A extends ArgumentSpecs = ArgumentSpecs> {
  /** Its limit was hit. */
  readonly oomMemcg: Memcg;
  readonly args: ValuesOf<A>;
}

/** One level of the walk. */
export interface OomLevel<A extends ArgumentSpecs = ArgumentSpecs, S = unknown> extends Oom<A> {
  readonly siblings: readonly Candidate[];
  /** What `prerun` said last; undefined where it was not called yet. */
  sampleOf(memcg: Memcg): S | undefined;
}

/** Every fact that a kernel may not have. */
export type FactName = keyof MemcgFacts | keyof TaskFacts;

/** An argument: what may be written, and what holds where nothing is. */
export type ArgumentSpec = { readonly summary: string } & (
  | { readonly type: "integer"; readonly from: number; readonly to: number; readonly default: number }
  /** A decimal fraction, as 1.25. */
  | { readonly type: "number"; readonly from: number; readonly to: number; readonly default: number }
  | { readonly type: "flag"; readonly default: boolean }
  | { readonly type: "choice"; readonly of: readonly string[]; readonly default: string }
  | { readonly type: "text"; readonly default: string }
);

export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

/** The values of arguments, as a policy sees them. */
export type ValuesOf<A extends ArgumentSpecs> = { readonly [K in keyof A]: ValueOf<A[K]> };

type ValueOf<Spec extends ArgumentSpec> = Spec extends { readonly type: "integer" | "number" }
  ? number
  : Spec extends { readonly type: "flag" }
    ? boolean
    : Spec extends { readonly of: readonly (infer Choice)[] }
      ? Choice
      : string;
