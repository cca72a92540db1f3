/** A dry run: says who would have died, while the kernel's killer, which nobody holds off, goes its own way. */

import type { TreeNode } from "../hierarchy/tree.ts";
import type { Held } from "../hold/hold.ts";
import { readOomControlFd } from "../kernel/memcg.ts";
import { StuckProcesses, Tried } from "../kill/tried.ts";
import { fillAtLimit } from "../notify/fill.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportStrike } from "./accounts.ts";
import { decide } from "./decide.ts";
import type { Rooms } from "./rooms.ts";
import { Turns } from "./turns.ts";

/** A removed memcg rings too, and an OOM rings everybody below it: only the topmost that is full counts. */
export function rehearse(members: Iterable<Held>, rooms: Rooms): void {
  for (const held of members) {
    if (
      readOomControlFd(held.oomControlFd) === null ||
      fillAtLimit(held.directory) === null ||
      isBelowFull(held, rooms)
    )
      continue;
    rehearseAt(held.node, rooms);
  }
}

/** Says who would have died of an OOM of this memcg. */
export function rehearseAt(node: TreeNode, rooms: Rooms): void {
  const decision = decide(node, rooms, new Tried(new StuckProcesses()), rooms.policies.turnsOf(node));
  const turns = new Turns([]);
  turns.settle(decision, rooms);
  const { choice } = decision;
  if (choice === null) return;
  const tasks = victimTasks(choice.victim);
  reportDecision(rooms, decision, choice, { news: turns.newsOf(decision) });
  reportStrike(rooms, node.path, { struck: [], unheld: tasks, missed: [] }, true);
}

function isBelowFull({ node }: Held, rooms: Rooms): boolean {
  for (let above = node.parent; above !== null; above = above.parent) {
    const held = rooms.hold.held.get(above.ino);
    if (held !== undefined && fillAtLimit(held.directory) !== null) return true;
  }
  return false;
}
