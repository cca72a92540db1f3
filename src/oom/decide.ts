/** From a memcg that is out of memory to the process or group that dies: reads, and touches nothing. */
import { type LiveMemcg, liveHierarchy } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Task } from "../hierarchy/types.ts";
import type { Tried } from "../kill/tried.ts";
import type { Loaded } from "../policy/loaded.ts";
import { type Decided, decideInTurn } from "../policy/turns.ts";
import type { Rooms } from "./rooms.ts";

export interface Decision extends Decided {
  readonly hierarchy: LiveMemcg;
}

/** Whom to kill now, if those in `tried` do not count, by the first of `turns` that knows somebody. */
export function decide(node: TreeNode, rooms: Rooms, tried: Tried, turns: readonly Loaded[]): Decision {
  const { ranks } = rooms;
  const hierarchy = liveHierarchy(rooms.tree, node, {
    ...ranks,
    isExcluded: (...process) => ranks.isExcluded(...process) || tried.has(...process),
  });
  return { hierarchy, ...decideInTurn(hierarchy, turns) };
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
