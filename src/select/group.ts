import { type Memcg, PROTECTED, type Task } from "../hierarchy/types.ts";
import { passedOver } from "./killable.ts";
import type { Loser } from "./types.ts";

/** What a group takes with it, and what it spares. */
export interface Group {
  /** In ascending order of their pids. */
  readonly tasks: readonly Task[];
  readonly spared: readonly Loser[];
}

/** Every killable process of the subtree, save what is protected and all that is below a protected memcg. */
export function groupOf(top: Memcg): Group {
  const tasks: Task[] = [];
  const spared: Loser[] = [];
  const pending = [top];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    for (const task of memcg.tasks) {
      const reason = passedOver(task);
      if (reason === null) tasks.push(task);
      else spared.push({ candidate: { kind: "process", task }, reason });
    }
    for (const child of memcg.children) {
      if (child.badness < PROTECTED) pending.push(child);
      else spared.push({ candidate: { kind: "memcg", memcg: child }, reason: "protected" });
    }
  }
  tasks.sort((a, b) => a.pid - b.pid);
  return { tasks, spared };
}
