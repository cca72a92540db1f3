import type { Candidate, Loser } from "../select/types.ts";
import { printSizes, printValues } from "./sizes.ts";

/** What is known of the size of a candidate; asking never reads anything. */
export interface KnownSize {
  readonly bytes: number;
  /** It is no larger than this: the size itself was not needed. */
  readonly isCeiling: boolean;
}

/** The size of a candidate as far as the decision had to know it, or null. */
export function knownSize(candidate: Candidate): KnownSize | null {
  if (candidate.kind === "process") return { bytes: candidate.task.rssBytes, isCeiling: false };
  const { knownRssBytes, knownRssCeilingBytes } = candidate.memcg;
  if (knownRssBytes !== undefined) return { bytes: knownRssBytes, isCeiling: false };
  return knownRssCeilingBytes === undefined ? null : { bytes: knownRssCeilingBytes, isCeiling: true };
}

/** The badness of a candidate. */
export function badnessOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.badness : candidate.memcg.badness;
}

/** Why this one did not die, in plain words. */
export function explainLoser(loser: Loser, chosen: Candidate | null): string {
  if (loser.reason !== "lost") return PASSED_OVER[loser.reason];
  const { by, values } = loser.comparison;
  if (values !== undefined) return `${by} ${printValues(values)}`;
  if (by === "badness" && chosen !== null) return `badness ${badnessOf(loser.candidate)} > ${badnessOf(chosen)}`;
  if (by === "rss" && chosen !== null) return explainSmaller(loser.candidate, chosen);
  return LOST[by] ?? by;
}

/** A reason in a few words, for counting losers that are not shown one by one. */
export function reasonInShort(loser: Loser): string {
  if (loser.reason !== "lost") return loser.reason;
  const { by, values } = loser.comparison;
  return values === undefined ? (SHORT[by] ?? by) : `by ${by}`;
}

/** The reason as scripts see it. */
export function reasonCode(loser: Loser): string {
  return loser.reason === "lost" ? loser.comparison.by : loser.reason;
}

function explainSmaller(candidate: Candidate, chosen: Candidate): string {
  const [small, large] = [knownSize(candidate), knownSize(chosen)];
  if (small === null || large === null) return "smaller";
  const [smallText, largeText] = printSizes(small.bytes, large.bytes);
  return `smaller: ${small.isCeiling ? "≤ " : ""}${smallText} < ${largeText}`;
}

const PASSED_OVER: Record<Exclude<Loser["reason"], "lost">, string> = {
  tried: "tried before this one",
  protected: "protected: badness 10000 (never)",
  "oom_score_adj -1000": "protected: oom_score_adj -1000",
  "pid 1": "pid 1 is never killed",
  "kernel thread": "kernel thread",
  zombie: "zombie: dead already",
  "already dying": "already dying",
  excluded: "excluded: badnessd's own, or could not be killed",
  "no killable process": "holds no process that may be killed",
  "no anonymous memory": "holds no anonymous memory",
  "not ranked": "left out by the policy",
};

/** Where a policy compares no numbers. */
const LOST: Readonly<Record<string, string>> = {
  badness: "higher badness",
  rss: "smaller",
  kind: "same size: a process goes before a memcg",
  startTime: "same size: started earlier",
  pid: "same size and start: lower pid",
  path: "same size: later by path",
  order: "later in the order",
  oomd_prefer: "oomd_prefer is not set",
  oomd_avoid: "oomd_avoid is set",
  next: "not selected",
  select: "selected before this one",
  "no-policy": "nothing was said of it",
};

const SHORT: Readonly<Record<string, string>> = {
  ...LOST,
  kind: "memcgs of the same size",
  startTime: "started earlier",
  pid: "lower pid",
  path: "later by path",
};
