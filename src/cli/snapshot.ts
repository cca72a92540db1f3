import type { LiveMemcg } from "../hierarchy/live.ts";
import { printSnapshot } from "../snapshot/print.ts";
import { recordOf } from "../snapshot/record.ts";
import type { Context } from "./context.ts";
import { liveView } from "./live.ts";

/** `badnessctl snapshot [MEMCG]`: everything that a decision could ask for, in the format that `explain` replays. */
export async function snapshot(context: Context, memcg: string): Promise<void> {
  const { root } = await liveView(context, memcg);
  readAll(root);
  const taken = recordOf(root);
  context.print(context.json ? JSON.stringify(taken) : printSnapshot(taken));
}

function readAll(root: LiveMemcg): void {
  const pending = [root];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    // Asking is reading.
    void [memcg.rssBytes, ...Object.values(memcg.facts)];
    for (const task of memcg.tasks) void [task.oomScoreAdj, ...Object.values(task.facts)];
    pending.push(...memcg.children);
  }
}
