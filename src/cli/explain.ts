import { factsOfMachine } from "../policy/available.ts";
import { comparedPolicies, namedPolicy, type PolicyOptions } from "./chosen-policies.ts";
import { compareText } from "./compare.ts";
import type { Context } from "./context.ts";
import { decisionText } from "./decide.ts";
import { explainSnapshots } from "./explain-snapshot.ts";
import { liveView } from "./live.ts";
import { samplesFor } from "./samples.ts";
import { turnsInForce, usesInForce } from "./turns.ts";

/** `badnessctl explain [MEMCG]`: who would die if this memcg were out of memory now, and why. Kills nothing. */
export async function explain(context: Context, memcg: string, options: PolicyOptions): Promise<void> {
  const view = await liveView(context, memcg);
  const hasFact = factsOfMachine(context.mountPoint);
  const sampleOf = await samplesFor(context, view, options);
  if (options.compare !== undefined) {
    const chosen = { names: options.compare, configured: usesInForce(view) };
    return context.print(compareText(view.root, comparedPolicies(chosen, sampleOf, hasFact), context.json));
  }
  const named = options.policy === undefined ? null : namedPolicy(options.policy, sampleOf, hasFact);
  const turns = named === null ? turnsInForce(view, sampleOf) : [named];
  context.print(decisionText(view.root, turns, context));
}

/** `badnessctl explain --snapshot FILE…` */
export function explainFiles(context: Context, files: readonly string[], options: PolicyOptions): void {
  process.exitCode = explainSnapshots(files, context, options);
}
