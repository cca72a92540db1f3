/**
 * Which of the processes that a memcg lists are its own. Its cgroup.procs has everybody who has a thread there, while the
 * memory of a process is charged where its leader is, and the kernel's killer looks for it there.
 */
import { readPids, readThreadIds } from "./memcg.ts";
import type { ProcStat } from "./parse/proc-stat.ts";

/**
 * Tells of the processes listed in `directory` whether they are of this memcg. Costs nothing while all have one thread, and
 * one list of threads if any has more; a path in /proc/PID/cgroup would be one read for each of them.
 */
export function residency(directory: string): (stat: ProcStat) => boolean {
  let ids: ReadonlySet<number> | null | undefined;
  return ({ threads, threadId }) => {
    if (threads <= 1) return true;
    if (ids === undefined) ids = idsIn(directory);
    return ids === null || ids.has(threadId);
  };
}

/** Pids of the processes of this memcg, but for those whose leader has ended: such a leader shows no memory. */
export function readLeaders(directory: string): number[] {
  const ids = idsIn(directory);
  return (readPids(directory) ?? []).filter((pid) => ids === null || ids.has(pid));
}

function idsIn(directory: string): ReadonlySet<number> | null {
  const ids = readThreadIds(directory);
  return ids === null ? null : new Set(ids);
}
