/** What policies go by that is not in any file of the kernel's: rates and averages. */
import { policyWords } from "../config/policy-words.ts";
import type { PolicyUse } from "../config/types.ts";
import { liveHierarchy } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { bind, type Loaded } from "../policy/loaded.ts";
import { keyOf, wantsSamples } from "../policy/samples.ts";
import { checkUse } from "../policy/table.ts";
import { allPolicies, type PolicyOptions, type SampleOf } from "./chosen-policies.ts";
import type { Context } from "./context.ts";
import type { LiveView } from "./live.ts";
import { usesInForce } from "./turns.ts";

/** Between two samples of our own, where the daemon takes none for a policy. */
const INTERVAL_MS = 1_000;

type View = Omit<LiveView, "root">;
type ByPath = ReadonlyMap<string, unknown>;

/** What the daemon keeps, and of policies that it does not use, two samples that are taken now. */
export async function samplesFor(context: Context, view: View, options: PolicyOptions): Promise<SampleOf> {
  const wanting = usesFor(view, options).flatMap(loadedFrom).filter(wantsSamples);
  if (wanting.length === 0) return () => () => undefined;
  const kept = (await context.tryAsk<Record<string, Record<string, unknown>>>("/samples")) ?? {};
  const samples = new Map<string, ByPath>();
  for (const { use } of wanting) {
    const known = kept[keyOf(use)];
    if (known !== undefined) samples.set(keyOf(use), new Map(Object.entries(known)));
  }
  const unknown = wanting.filter(({ use }) => !samples.has(keyOf(use)));
  for (const [key, own] of await takeTwice(view, unknown)) samples.set(key, own);
  return (use) => (memcg) => samples.get(keyOf(use))?.get(memcg.path);
}

function usesFor(view: View, { policy, compare }: PolicyOptions): readonly PolicyUse[] {
  if (policy === undefined && compare === undefined) return usesInForce(view);
  if (compare === true) return allPolicies(usesInForce(view));
  const words = policy === undefined ? (compare ?? []) : [policy];
  return words.map((each) => policyWords.parse(each)).flatMap((each) => ("value" in each ? each.value : []));
}

/** What is wrong with one is said by who uses it. */
function loadedFrom(use: PolicyUse): Loaded[] {
  const checked = checkUse(use);
  return "use" in checked ? [bind(checked.use, checked.policy)] : [];
}

async function takeTwice(view: View, wanting: readonly Loaded[]): Promise<Map<string, Map<string, unknown>>> {
  const samples = new Map(wanting.map(({ use }) => [keyOf(use), new Map<string, unknown>()]));
  for (let round = 0; round < 2 && wanting.length > 0; round++) {
    if (round > 0) await sleep(INTERVAL_MS);
    for (const node of view.tree.walk(view.node)) {
      for (const loaded of wanting) sample(view, node, loaded, samples.get(keyOf(loaded.use)) ?? new Map());
    }
  }
  return samples;
}

function sample(view: View, node: TreeNode, { policy, how }: Loaded, kept: Map<string, unknown>): void {
  if (!("prerun" in policy)) return;
  try {
    const memcg = liveHierarchy(view.tree, node, view.ranks);
    kept.set(node.path, policy.prerun?.(memcg, kept.get(node.path), nowMs(), how.args));
  } catch {
    // A policy of the user's: it has nothing to go by then, as in the daemon.
    kept.delete(node.path);
  }
}
