/**
 * To be copied: give it a name, say what is compared, and add it to index.ts. contract.ts has what else there is; what a
 * policy does not need, it leaves out.
 */
import type { Candidate } from "../src/select/types.ts";
import { byKeys, decisiveKey, describeBy, type Key, SIZE } from "./by-keys.ts";
import type { ArgumentSpecs, RankingPolicy } from "./contract.ts";

const args = {
  floorBytes: {
    type: "integer",
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    default: 0,
    summary: "leave out memcgs that have less page cache than this",
  },
} as const satisfies ArgumentSpecs;

/** Who has most page cache goes first; processes, which have none of their own, last. */
export const template: RankingPolicy<typeof args> = {
  name: "template",
  summary: "who has most page cache goes first",
  arguments: args,

  rankForKilling(siblings, level) {
    const enough = siblings.filter((each) => (cacheOf(each) ?? Number.POSITIVE_INFINITY) >= level.args.floorBytes);
    return byKeys(enough, KEYS);
  },

  describeKill: (target) => describeBy(target, KEYS, "most page cache"),
  decidedBy: (target, peer) => decisiveKey(target, peer, KEYS),
};

function cacheOf(candidate: Candidate): number | null {
  if (candidate.kind === "process") return null;
  const { facts, rssBytes } = candidate.memcg;
  return facts.usageBytes === null ? null : facts.usageBytes - rssBytes;
}

const KEYS: readonly Key[] = [{ by: "page cache", unit: "bytes", of: cacheOf }, SIZE];
