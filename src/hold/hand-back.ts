/** The end of a delay: the kernel's killer gets its turn, with our ranking in its ears as far as it can hear it. */
import type { LiveMemcg } from "../hierarchy/live.ts";
import type { MemcgTree } from "../hierarchy/tree.ts";
import { type Memcg, PROTECTED, type Task } from "../hierarchy/types.ts";
import type { Choice } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import type { Held } from "./hold.ts";
import { project } from "./project.ts";
import { type Pulse, pulse } from "./pulse.ts";

/** Lets the kernel kill as the ranking would, or without a choice as it likes; what is protected stays so for as long as its killer is loose. */
export async function handBack(
  held: Held,
  tree: MemcgTree,
  hierarchy: LiveMemcg,
  choice: Choice | null,
): Promise<Pulse> {
  const first = choice === null ? [] : victimTasks(choice.victim);
  const chosen = new Set(first.map(({ pid }) => pid));
  const { spared, others } = everybody(hierarchy, chosen);
  const limitBytes = hierarchy.facts.limitBytes ?? Number.POSITIVE_INFINITY;
  const projection = project({ first, others, spared, limitBytes });
  try {
    return await pulse(held, tree);
  } finally {
    projection.undo();
  }
}

function everybody(root: Memcg, chosen: ReadonlySet<number>): { spared: Task[]; others: Task[] } {
  const spared: Task[] = [];
  const others: Task[] = [];
  const pending = [{ memcg: root, isProtected: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { memcg, isProtected } = next;
    for (const task of memcg.tasks) {
      if (isProtected || task.badness === PROTECTED) spared.push(task);
      else if (!chosen.has(task.pid)) others.push(task);
    }
    for (const child of memcg.children) {
      pending.push({ memcg: child, isProtected: isProtected || child.badness === PROTECTED });
    }
  }
  return { spared, others };
}
