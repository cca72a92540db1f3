import type { Ranks } from "../hierarchy/live.ts";
import type { Priorities } from "./priorities.ts";

/** What the walk asks, answered by whatever configuration is in force when it asks. */
export function ranksOf(inForce: () => Priorities, isOwn: (pid: number) => boolean): Ranks {
  return {
    memcg: (node, oomMemcg = node) => inForce().memcgIn(oomMemcg, node),
    preference: (node) => inForce().preference(node),
    process: (facts) => inForce().process(facts),
    isExcluded: isOwn,
  };
}
