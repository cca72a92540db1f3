/** One look at everybody in a subtree, with what kill-all makes of each. */
import { LiveTask, type Ranks } from "../hierarchy/live.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { PROTECTED, type Task } from "../hierarchy/types.ts";
import { readPids } from "../kernel/memcg.ts";
import type { ProcStat } from "../kernel/parse/proc-stat.ts";
import { readMemcgPath, readProcStat } from "../kernel/process.ts";
import { residency } from "../kernel/residents.ts";
import { passedOver } from "../select/killable.ts";

/** What is to be emptied, and who decides who is spared. */
export interface Target {
  readonly tree: MemcgTree;
  readonly node: TreeNode;
  readonly ranks: Ranks;
  readonly includeProtected: boolean;
}

/** A process that stays alive on purpose. */
export interface Spared {
  readonly task: Task;
  readonly why: string;
}

/** Everybody at one moment; a pid is in one of the four. */
export interface Census {
  readonly killable: readonly Task[];
  /** Struck, or on their way out by themselves. */
  readonly dying: readonly Task[];
  readonly spared: readonly Spared[];
  /** Listed, but /proc does not show them: gone in between, or hidden. */
  readonly unseen: readonly number[];
  /** Memcgs that vanished, changed their name or could not be read while we looked: nothing is known of them. */
  readonly unread: readonly string[];
}

/** Whether kill-all strikes a process, waits for it, or spares it and why. */
export function verdictOn(task: Task, isShielded: boolean, includeProtected: boolean): "kill" | "dying" | Spared {
  const why = passedOver(task);
  if (why === "already dying" || why === "zombie") return "dying";
  // Who is neither protected nor to die, such as pid 1, is spared whatever was asked for.
  if (why !== null && why !== "protected" && why !== "oom_score_adj -1000") return { task, why };
  if (includeProtected || (why === null && !isShielded)) return "kill";
  return { task, why: why ?? "in a protected memcg" };
}

/** Looks at the memcgs that `target.tree` knows; `rescan` it to see new ones. */
export function takeCensus({ tree, node, ranks, includeProtected }: Target): Census {
  const census = { killable: [] as Task[], dying: [] as Task[], spared: [] as Spared[] };
  const unread: string[] = [];
  const unseen = new Set<number>();
  const met = new Set<number>();
  const guests = new Map<number, Task>();
  const pending = [{ node, isShielded: isShieldedFromAbove(node, ranks) }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path } = next.node;
    const isShielded = next.isShielded || ranks.memcg(next.node).badness.value === PROTECTED;
    const listed = listOf(tree.directoryOf(next.node), path, ranks);
    if (listed === null) unread.push(path);
    for (const { pid, task, isResident } of listed ?? []) {
      if (task === null) unseen.add(pid);
      else if (!isResident) guests.set(pid, task);
      else if (!met.has(pid)) {
        met.add(pid);
        enter(task, verdictOn(task, isShielded, includeProtected), census);
      }
    }
    for (const child of next.node.children.values()) pending.push({ node: child, isShielded });
  }
  for (const [pid, task] of guests) if (!met.has(pid)) census.spared.push({ task, why: whereLeaderIs(pid) });
  return { ...census, unseen: [...unseen].filter((pid) => !met.has(pid)), unread };
}

function enter(
  task: Task,
  verdict: ReturnType<typeof verdictOn>,
  { killable, dying, spared }: { killable: Task[]; dying: Task[]; spared: Spared[] },
): void {
  if (verdict === "kill") killable.push(task);
  else if (verdict === "dying") dying.push(task);
  else spared.push(verdict);
}

/** Nothing below a protected memcg is killed, wherever one begins. */
function isShieldedFromAbove(node: TreeNode, ranks: Ranks): boolean {
  for (let above = node.parent; above !== null; above = above.parent) {
    if (ranks.memcg(above).badness.value === PROTECTED) return true;
  }
  return false;
}

/** It is a process of another memcg, and dies with that one. */
function whereLeaderIs(pid: number): string {
  return `has threads here, its leader is in ${readMemcgPath(pid) ?? "no memcg any more"}`;
}

/** One that a memcg lists; no task if it is gone, or hidden by the mount of /proc. */
interface Listed {
  readonly pid: number;
  readonly task: Task | null;
  readonly isResident: boolean;
}

/** Null if the memcg cannot be read. */
function listOf(directory: string, memcg: string, ranks: Ranks): Listed[] | null {
  try {
    const isResident = residency(directory);
    return readPids(directory)?.map((pid) => look(pid, memcg, ranks, isResident)) ?? null;
  } catch {
    return null;
  }
}

function look(pid: number, memcg: string, ranks: Ranks, isResident: (stat: ProcStat) => boolean): Listed {
  try {
    const stat = readProcStat(pid);
    const task = stat && new LiveTask(stat, memcg, ranks);
    // Asking is reading.
    void task?.oomScoreAdj;
    return { pid, task, isResident: stat === null || isResident(stat) };
  } catch {
    return { pid, task: null, isResident: true };
  }
}
