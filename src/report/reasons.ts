import type { Candidate, DecidedBy, Loser } from "../select/types.ts";
import { printSizes } from "./sizes.ts";

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
export function explainLoser({ candidate, reason }: Loser, chosen: Candidate | null): string {
  if (reason === "badness" && chosen !== null) return `badness ${badnessOf(candidate)} > ${badnessOf(chosen)}`;
  if (reason === "rss" && chosen !== null) return explainSmaller(candidate, chosen);
  return LOST[reason];
}

/** Why this one went first: the closest call that it won. */
export function explainChosen(losers: readonly Loser[]): string {
  const reasons = new Set<string>(losers.map((loser) => loser.reason));
  const closest = CLOSEST_FIRST.find((reason) => reasons.has(reason));
  return closest === undefined ? "the only candidate" : WON[closest];
}

/** A reason in a few words, for counting losers that are not shown one by one. */
export function reasonInShort(reason: Loser["reason"]): string {
  return SHORT[reason] ?? reason;
}

function explainSmaller(candidate: Candidate, chosen: Candidate): string {
  const [small, large] = [knownSize(candidate), knownSize(chosen)];
  if (small === null || large === null) return "smaller";
  const [smallText, largeText] = printSizes(small.bytes, large.bytes);
  return `smaller: ${small.isCeiling ? "≤ " : ""}${smallText} < ${largeText}`;
}

const CLOSEST_FIRST = ["path", "pid", "startTime", "kind", "rss", "badness"] as const;

const WON: Record<DecidedBy, string> = {
  badness: "lowest badness",
  rss: "largest of the lowest badness",
  kind: "same size: a process goes before a memcg",
  startTime: "same size: started last",
  pid: "same size and start: greatest pid",
  path: "same size: first by path",
};

const LOST: Record<Loser["reason"], string> = {
  badness: "higher badness",
  rss: "smaller",
  kind: "same size: a process goes before a memcg",
  startTime: "same size: started earlier",
  pid: "same size and start: lower pid",
  path: "same size: later by path",
  tried: "tried before this one",
  protected: "protected: badness 10000 (never)",
  "oom_score_adj -1000": "protected: oom_score_adj -1000",
  "pid 1": "pid 1 is never killed",
  "kernel thread": "kernel thread",
  zombie: "zombie: dead already",
  "already dying": "already dying",
  excluded: "excluded: badnessd's own, or could not be killed",
  "no killable process": "holds no process that may be killed",
};

const SHORT: Partial<Record<Loser["reason"], string>> = {
  badness: "higher badness",
  rss: "smaller",
  kind: "memcgs of the same size",
  startTime: "started earlier",
  pid: "lower pid",
  path: "later by path",
};
