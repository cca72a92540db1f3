import type { Candidate, Comparison } from "../src/select/types.ts";
import { byKeys, decisiveKey, type Key } from "./by-keys.ts";
import type { ArgumentSpecs, OomLevel, RankingPolicy } from "./contract.ts";

const args = {
  sizeThreshold: {
    type: "integer",
    from: 0,
    to: 100,
    default: 50,
    summary: "per cent of what all siblings have together: who has as much goes first",
  },
  minGrowthRatio: {
    type: "number",
    from: 0,
    to: 1000,
    default: 1.25,
    summary: "usage over its average of late: who has grown as much goes next",
  },
  growingSizePercentile: {
    type: "integer",
    from: 0,
    to: 99,
    default: 80,
    summary: "the smaller ones, so many per cent, are never taken for their growth",
  },
} as const satisfies ArgumentSpecs;

/** The average of usage over some intervals, bytes: the older, the less it weighs. */
type Average = number;
/** What a new value weighs in the average is one part of these, as oomd's. */
const DECAY = 4;

/** As oomd's kill_by_memory_size_or_growth: first who is huge, then who grows, then by size less what is protected. */
export const memorySizeOrGrowth: RankingPolicy<typeof args, Average> = {
  name: "memory-size-or-growth",
  summary: "first who has the most by far, then who grows fastest, then by size",
  walk: "memcgs",
  arguments: args,

  /** One that is new has not grown: oomd starts from zero, and takes everybody for growing when it is started. */
  prerun(memcg, before) {
    const usage = memcg.facts.usageBytes ?? 0;
    return before === undefined ? usage : before + (usage - before) / DECAY;
  },

  rankForKilling: (siblings, level) => byKeys(siblings, keysFor(level)),

  describeKill(target, _peers, level) {
    const judged = judge(level);
    if (judged.isHuge(target)) return `has ${level.args.sizeThreshold} % of its level or more`;
    return judged.isGrowing(target) ? `growing: ${judged.growth(target).toFixed(2)} times its average` : "largest";
  },

  decidedBy(target, peer, level): Comparison {
    const judged = judge(level);
    const isSmall = judged.isGrowing(target) && !judged.isGrowing(peer) && !judged.isHuge(target);
    if (isSmall && judged.growth(peer) >= judged.growth(target)) return { by: "too small for its growth to count" };
    if (judged.isGrowing(target) && !judged.isHuge(target))
      return decisiveKey(target, peer, [{ by: "growth", unit: "times", of: judged.growth }, BY_SIZE]);
    return decisiveKey(target, peer, [BY_SIZE]);
  },
};

interface Judged {
  isHuge(candidate: Candidate): boolean;
  isGrowing(candidate: Candidate): boolean;
  growth(candidate: Candidate): number;
}

function keysFor(level: OomLevel<typeof args, Average>): readonly Key[] {
  const { isHuge, isGrowing, growth } = judge(level);
  return [
    { ...BY_SIZE, of: (candidate) => (isHuge(candidate) ? sizeOf(candidate) : 0) },
    { by: "growth", unit: "times", of: (candidate) => (isGrowing(candidate) ? growth(candidate) : 0) },
    BY_SIZE,
  ];
}

const judgements = new WeakMap<object, Judged>();

/** What the thresholds come to among these siblings; worked out once for a level. */
function judge(level: OomLevel<typeof args, Average>): Judged {
  const known = judgements.get(level);
  if (known !== undefined) return known;
  const { siblings, args: values } = level;
  const sum = siblings.reduce((total, each) => total + usageOf(each), 0);
  const sizes = siblings.map(sizeOf).sort((a, b) => b - a);
  const top = Math.ceil((siblings.length * (100 - values.growingSizePercentile)) / 100);
  const smallest = sizes[top - 1] ?? 0;
  const growth = (candidate: Candidate) => growthOf(candidate, level);
  const judged: Judged = {
    isHuge: (candidate) => usageOf(candidate) >= (sum * values.sizeThreshold) / 100,
    isGrowing: (candidate) => growth(candidate) >= values.minGrowthRatio && sizeOf(candidate) >= smallest,
    growth,
  };
  judgements.set(level, judged);
  return judged;
}

/** Of single processes there is no average. */
function growthOf(candidate: Candidate, level: OomLevel<typeof args, Average>): number {
  const average = candidate.kind === "process" ? undefined : level.sampleOf(candidate.memcg);
  return average === undefined || average === 0 ? 0 : usageOf(candidate) / average;
}

function usageOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.rssBytes : (candidate.memcg.facts.usageBytes ?? 0);
}

function sizeOf(candidate: Candidate): number {
  const spared = candidate.kind === "process" ? 0 : (candidate.memcg.facts.protectedBytes ?? 0);
  return usageOf(candidate) - spared;
}

const BY_SIZE: Key = { by: "size", unit: "bytes", of: sizeOf };
