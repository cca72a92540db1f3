import { strictPriority } from "../../policies/strict-priority.ts";
import { decisionJson } from "../report/decision-json.ts";
import { explain as explanation } from "../report/explanation.ts";
import { rank } from "../select/walk.ts";
import type { Context } from "./context.ts";
import { explainSnapshots } from "./explain-snapshot.ts";
import { liveView } from "./live.ts";

/** `badnessctl explain [MEMCG]`: who would die if this memcg were out of memory now, and why. Kills nothing. */
export async function explain(context: Context, memcg: string): Promise<void> {
  const { root } = await liveView(context, memcg);
  const ranking = rank(root, strictPriority);
  const first = ranking.next();
  const levels = first.done === true ? [first.value] : first.value.levels;
  if (context.json) {
    const ranked = first.done === true ? [] : [first.value, ...ranking];
    return context.print(JSON.stringify(decisionJson(ranked, levels)));
  }
  const victim = first.done === true ? null : first.value.victim;
  context.print(explanation({ victim, levels }, { colour: context.colour }));
}

/** `badnessctl explain --snapshot FILE…` */
export function explainFiles(context: Context, files: readonly string[]): void {
  process.exitCode = explainSnapshots(files, context);
}
