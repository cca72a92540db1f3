import type { Candidate } from "../src/select/types.ts";
import { byKeys, decisiveKey, type Key, SIZE } from "./by-keys.ts";
import type { ArgumentSpecs, RankingPolicy } from "./contract.ts";

const args = {
  thresholdBytes: {
    type: "integer",
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    default: 1,
    summary: "leave out whoever has less than this in swap",
  },
} as const satisfies ArgumentSpecs;

/** As oomd's kill_by_swap_usage: where swap runs out, who has most of it goes. */
export const swapUsage: RankingPolicy<typeof args> = {
  name: "swap-usage",
  summary: "who has most in swap goes first",
  walk: "memcgs",
  arguments: args,
  needs: () => ["swapBytes"],

  rankForKilling(siblings, level) {
    const swapping = siblings.filter((each) => (swapOf(each) ?? 0) >= level.args.thresholdBytes);
    return byKeys(swapping, KEYS);
  },

  describeKill: () => "most in swap",

  decidedBy: (target, peer) => decisiveKey(target, peer, KEYS),
};

function swapOf(candidate: Candidate): number | null {
  return candidate.kind === "process" ? candidate.task.facts.swapBytes : candidate.memcg.facts.swapBytes;
}

const KEYS: readonly Key[] = [{ by: "swap", unit: "bytes", of: swapOf }, SIZE];
