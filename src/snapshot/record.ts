import type { LiveMemcg } from "../hierarchy/live.ts";
import type { Task } from "../hierarchy/types.ts";
import type { Snapshot, SnapshotMemcg, SnapshotTask } from "./types.ts";

/** What has been read of a live hierarchy, and nothing more: replaying it leads to the same victim. */
export function recordOf(root: LiveMemcg): Snapshot {
  const memcgs: SnapshotMemcg[] = [];
  const tasks: Task[] = [];
  const pending = [root];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    memcgs.push(recordMemcg(memcg));
    tasks.push(...memcg.knownTasks);
    pending.push(...memcg.knownChildren);
  }
  const exclude = tasks.filter((task) => task.excluded).map((task) => task.pid);
  return { oomMemcg: root.path, memcgs, tasks: tasks.map(recordTask), exclude };
}

function recordMemcg(memcg: LiveMemcg): SnapshotMemcg {
  const { path, badness, kill, knownRssBytes, knownRssCeilingBytes } = memcg;
  return {
    path,
    badness,
    kill,
    ...(knownRssBytes !== undefined && { rssBytes: knownRssBytes }),
    ...(knownRssCeilingBytes !== undefined && { rssCeilingBytes: knownRssCeilingBytes }),
  };
}

function recordTask(task: Task): SnapshotTask {
  const { pid, memcg, rssBytes, badness, startTime, oomScoreAdj, comm, state, kernelThread, dying } = task;
  return { pid, memcg, rssBytes, badness, startTime, oomScoreAdj, comm, state, kernelThread, ...(dying && { dying }) };
}
