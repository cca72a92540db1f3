import type { LiveMemcg, LiveTask } from "../hierarchy/live.ts";
import type { Memcg } from "../hierarchy/types.ts";
import type { DecidedBy, Snapshot, SnapshotMemcg, SnapshotTask } from "./types.ts";

/** Who decided over a hierarchy. */
export interface Decider {
  readonly use: DecidedBy;
  readonly how: { sampleOf(memcg: Memcg): unknown };
}

/** What has been read of a live hierarchy, and nothing more: replaying it leads to the same victim. */
export function recordOf(root: LiveMemcg, by?: Decider): Snapshot {
  const memcgs: SnapshotMemcg[] = [];
  const tasks: LiveTask[] = [];
  const pending = [root];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    memcgs.push(recordMemcg(memcg, by?.how.sampleOf(memcg)));
    tasks.push(...memcg.knownTasks);
    pending.push(...memcg.knownChildren);
  }
  const exclude = tasks.filter((task) => task.excluded).map((task) => task.pid);
  const decided = by === undefined ? {} : { decidedBy: { name: by.use.name, args: by.use.args } };
  return { oomMemcg: root.path, memcgs, tasks: tasks.map(recordTask), exclude, ...decided };
}

function recordMemcg(memcg: LiveMemcg, sample: unknown): SnapshotMemcg {
  const { path, badness, kill, knownRssBytes, knownRssCeilingBytes, preference, knownFacts } = memcg;
  return {
    path,
    badness,
    kill,
    ...(knownRssBytes !== undefined && { rssBytes: knownRssBytes }),
    ...(knownRssCeilingBytes !== undefined && { rssCeilingBytes: knownRssCeilingBytes }),
    ...(preference !== null && { preference }),
    ...withoutNulls(knownFacts),
    ...(sample !== undefined && { sample }),
  };
}

function recordTask(task: LiveTask): SnapshotTask {
  const { pid, memcg, rssBytes, badness, startTime, oomScoreAdj, comm, state, kernelThread, dying } = task;
  return {
    pid,
    memcg,
    rssBytes,
    badness,
    startTime,
    oomScoreAdj,
    comm,
    state,
    kernelThread,
    ...(dying && { dying }),
    ...withoutNulls(task.knownFacts),
  };
}

/** What this kernel does not tell is not in a record either. */
function withoutNulls<F extends object>(facts: F): F {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)) as F;
}
