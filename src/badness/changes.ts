/** What another configuration changes, in words: for the log of a reload. */
import { KEYS } from "../config/keys.ts";
import { printPolicy } from "../config/policy-words.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { MemcgPriority } from "./memcg-badness.ts";
import type { Priorities } from "./priorities.ts";
import { DEFAULT_SOURCE } from "./sourced.ts";

/** More than this are counted. */
const SHOWN = 50;
const WORDS = { badness: "badness", kill: "kill unit", delayMs: "delay in ms" } as const;

/** One line for every key and every memcg that differ, as `badness of /jobs/web: 5000 → 9000`. */
export function describeChanges(before: Priorities, after: Priorities, nodes: Iterable<TreeNode>): string[] {
  const lines = KEYS.flatMap((key) => {
    const [was, is] = [key.print(before.config.settings), key.print(after.config.settings)];
    return was === is ? [] : `${key.name}: ${was || "(nothing)"} → ${is || "(nothing)"}`;
  });
  for (const node of nodes) {
    lines.push(...describeMemcg(node.path, before.memcg(node), after.memcg(node)));
    const [was, is] = [before.policyOf(node), after.policyOf(node)].map((use) =>
      use === null ? "none" : printPolicy(use),
    );
    if (was !== is) lines.push(`policy of ${node.path}: ${was} → ${is}`);
  }
  if (JSON.stringify(before.config.processes) !== JSON.stringify(after.config.processes)) {
    lines.push(
      `rules for processes: ${before.config.processes.length} → ${after.config.processes.length}, or other ones`,
    );
  }
  if (measuresOf(before) !== measuresOf(after)) lines.push("what may be done for memcgs before anybody dies");
  return lines.length <= SHOWN ? lines : [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more`];
}

function measuresOf({ config }: Priorities): string {
  return JSON.stringify(
    config.memcgs.map(({ glob, relief, handler, preKill }) => ({ glob, relief, handler, preKill })),
  );
}

function describeMemcg(path: string, was: MemcgPriority, is: MemcgPriority): string[] {
  const keys = Object.keys(WORDS) as (keyof typeof WORDS)[];
  return keys.flatMap((key) => {
    const [before, after] = [was[key].value, is[key].value];
    // Another default is one line of its own, not one for every memcg.
    const isDefault = was[key].source === DEFAULT_SOURCE && is[key].source === DEFAULT_SOURCE;
    return before === after || isDefault ? [] : `${WORDS[key]} of ${path}: ${before} → ${after}`;
  });
}
