/** From a memcg that is out of memory to the process or group that dies: reads, and touches nothing. */
import { type LiveMemcg, liveHierarchy } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Task } from "../hierarchy/types.ts";
import type { Tried } from "../kill/tried.ts";
import type { Choice, Level } from "../select/types.ts";
import { rank } from "../select/walk.ts";
import type { Rooms } from "./rooms.ts";

export interface Decision {
  readonly hierarchy: LiveMemcg;
  /** Null: nobody may be killed, and `levels` says why not. */
  readonly choice: Choice | null;
  readonly levels: readonly Level[];
}

/** Whom to kill now, if those in `tried` do not count. */
export function decide(node: TreeNode, rooms: Rooms, tried: Tried): Decision {
  const { ranks } = rooms;
  const hierarchy = liveHierarchy(rooms.tree, node, {
    memcg: (each, oomMemcg) => ranks.memcg(each, oomMemcg),
    process: (facts) => ranks.process(facts),
    isExcluded: (...process) => ranks.isExcluded(...process) || tried.has(...process),
  });
  const first = rank(hierarchy, rooms.policy).next();
  if (first.done === true) return { hierarchy, choice: null, levels: [first.value] };
  return { hierarchy, choice: first.value, levels: first.value.levels };
}

/** Processes that somebody else has killed already and whose memory is still to come back. */
export function dyingIn(hierarchy: LiveMemcg, tried: Tried): Task[] {
  const dying: Task[] = [];
  const pending = [hierarchy];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    pending.push(...memcg.knownChildren);
    for (const task of memcg.knownTasks) {
      if (task.dying && task.rssBytes > 0 && !tried.has(task.pid, task.startTime, task.memcg)) dying.push(task);
    }
  }
  return dying;
}
