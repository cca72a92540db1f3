import type { PolicyUse } from "../config/types.ts";
import { type Loaded, uptoBuiltIn } from "../policy/loaded.ts";
import { checkedPolicy, type SampleOf } from "./chosen-policies.ts";
import type { LiveView } from "./live.ts";

/** Who decides about an OOM of this memcg, as the running configuration has it. */
export function turnsInForce(view: Pick<LiveView, "priorities" | "node">, sampleOf: SampleOf): readonly Loaded[] {
  return uptoBuiltIn(usesInForce(view).map((use) => checkedPolicy(use, sampleOf)));
}

/** The same, not loaded yet. */
export function usesInForce({ priorities, node }: Pick<LiveView, "priorities" | "node">): readonly PolicyUse[] {
  return priorities.policiesOf(node);
}
