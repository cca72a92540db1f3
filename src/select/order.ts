import type { OomLevel, Policy, RankingPolicy } from "../../policies/contract.ts";
import type { Memcg, Preference } from "../hierarchy/types.ts";
import { evaluated } from "./evaluate.ts";
import type { How } from "./how.ts";
import type { Candidate, Order } from "./types.ts";

/** What a policy makes of the candidates of a level. */
export function orderOf(policy: Policy, how: How, oomMemcg: Memcg, siblings: readonly Candidate[]): Order {
  if ("evaluateTask" in policy) return evaluated(policy, { oomMemcg, args: how.args }, siblings);
  const level: OomLevel = { oomMemcg, siblings, args: how.args, sampleOf: how.sampleOf };
  const order = rankedBy(policy, level);
  return policy.walk === "memcgs" ? preferring(order) : order;
}

function rankedBy(policy: RankingPolicy, level: OomLevel): Order {
  return {
    ranked: policy.rankForKilling(level.siblings, level),
    describe: (target, peers) => policy.describeKill(target, peers, level),
    compare: (target, peer) => policy.decidedBy?.(target, peer, level) ?? { by: "order" },
  };
}

/** The same order, but those of oomd_prefer first, and those of oomd_avoid last. */
function preferring(order: Order): Order {
  const groups: Record<Stance, Candidate[]> = { prefer: [], none: [], avoid: [] };
  for (const candidate of order.ranked) groups[stanceOf(candidate)].push(candidate);
  return {
    ranked: [...groups.prefer, ...groups.none, ...groups.avoid],
    describe(target, peers) {
      const stance = stanceOf(target);
      const equals = peers.filter((peer) => stanceOf(peer) === stance);
      if (equals.length === 0 && peers.length > 0) return REASON[stance];
      return stance === "none"
        ? order.describe(target, equals)
        : `${REASON[stance]}; ${order.describe(target, equals)}`;
    },
    compare(target, peer) {
      if (stanceOf(target) === stanceOf(peer)) return order.compare(target, peer);
      return { by: stanceOf(target) === "prefer" ? "oomd_prefer" : "oomd_avoid" };
    },
  };
}

type Stance = Preference | "none";

const REASON: Record<Stance, string> = {
  prefer: "oomd_prefer is set",
  none: "the others have oomd_avoid",
  avoid: "all have oomd_avoid",
};

function stanceOf(candidate: Candidate): Stance {
  return candidate.kind === "process" ? "none" : (candidate.memcg.preference ?? "none");
}
