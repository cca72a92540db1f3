/** The hierarchy as it is in the kernel: each fact is read when it is first asked for, once, and kept for the record. */

import { readPids } from "../kernel/memcg.ts";
import type { ProcStat } from "../kernel/parse/proc-stat.ts";
import { readExe, readOomScoreAdj, readProcStat, readUid } from "../kernel/process.ts";
import { residency } from "../kernel/residents.ts";
import { memcgFacts, taskFacts } from "./facts.ts";
import { measureRss } from "./measure.ts";
import type { ReadOnce } from "./read-once.ts";
import type { MemcgTree, TreeNode } from "./tree.ts";
import type { KillUnit, Memcg, MemcgFacts, Preference, Task, TaskFacts } from "./types.ts";

const PAGE_BYTES = 4096;

/** What a rule for processes may ask; `uid` and `exe` cost a read each. */
export interface ProcessFacts {
  readonly pid: number;
  readonly startTime: number;
  readonly ppid: number;
  readonly comm: string;
  readonly memcg: string;
  uid(): number | null;
  exe(): string | null;
}

/** A value; whoever answers may know more about it. */
interface Valued<T> {
  readonly value: T;
}

/** What the walk needs to know beside what the kernel says. */
export interface Ranks {
  /** What counts in an OOM of `oomMemcg`, or what is set. Cached by whoever answers: asked on the hot path. */
  memcg(node: TreeNode, oomMemcg?: TreeNode): { readonly badness: Valued<number>; readonly kill: Valued<KillUnit> };
  /** What its xattrs oomd_prefer and oomd_avoid say. */
  preference?(node: TreeNode): Preference | null;
  process(facts: ProcessFacts): Valued<number>;
  isExcluded(pid: number, startTime: number, memcg: string): boolean;
}

/** The memcg at `node` and all below it, nothing of it read yet. */
export function liveHierarchy(tree: MemcgTree, node: TreeNode, ranks: Ranks, proc = "/proc"): LiveMemcg {
  return new LiveMemcg({ tree, oomMemcg: node, ranks, proc }, node);
}

/** What all memcgs of one picture share. */
interface View {
  readonly tree: MemcgTree;
  readonly oomMemcg: TreeNode;
  readonly ranks: Ranks;
  readonly proc: string;
}

export class LiveMemcg implements Memcg {
  readonly path: string;
  readonly badness: number;
  readonly kill: KillUnit;
  readonly #view: View;
  readonly #node: TreeNode;
  #rss: number | undefined;
  #ceiling: number | undefined;
  #below: readonly LiveMemcg[] | undefined;
  #attached: readonly LiveTask[] | undefined;
  #facts: ReadOnce<MemcgFacts> | undefined;

  constructor(view: View, node: TreeNode) {
    this.#view = view;
    this.#node = node;
    this.path = node.path;
    const { badness, kill } = view.ranks.memcg(node, view.oomMemcg);
    this.badness = badness.value;
    this.kill = kill.value;
  }

  get rssBytes(): number {
    const { tree, proc } = this.#view;
    this.#rss ??= measureRss(tree, this.#node, this.rssCeilingBytes, proc);
    return this.#rss;
  }

  get rssCeilingBytes(): number {
    this.#ceiling ??= this.#view.tree.usageBytes(this.#node);
    return this.#ceiling;
  }

  get children(): readonly LiveMemcg[] {
    this.#below ??= Array.from(this.#node.children.values(), (child) => new LiveMemcg(this.#view, child));
    return this.#below;
  }

  get tasks(): readonly LiveTask[] {
    this.#attached ??= this.#readTasks();
    return this.#attached;
  }

  get knownRssBytes(): number | undefined {
    return this.#rss;
  }

  get knownRssCeilingBytes(): number | undefined {
    return this.#ceiling;
  }

  get knownChildren(): readonly LiveMemcg[] {
    return this.#below ?? [];
  }

  get knownTasks(): readonly LiveTask[] {
    return this.#attached ?? [];
  }

  get preference(): Preference | null {
    return this.#view.ranks.preference?.(this.#node) ?? null;
  }

  get facts(): MemcgFacts {
    const { proc } = this.#view;
    this.#facts ??= memcgFacts(this.#directory, this.path, proc, () => this.rssCeilingBytes);
    return this.#facts.facts;
  }

  get knownFacts(): Partial<MemcgFacts> {
    return this.#facts?.known ?? {};
  }

  get #directory(): string {
    return this.#view.tree.directoryOf(this.#node);
  }

  #readTasks(): LiveTask[] {
    const { ranks, proc } = this.#view;
    const isResident = residency(this.#directory);
    return (readPids(this.#directory) ?? []).flatMap((pid) => {
      const stat = readProcStat(pid, proc);
      return stat !== null && isResident(stat) ? new LiveTask(stat, this.path, ranks, proc) : [];
    });
  }
}

/** What was in /proc/PID/stat is there at once; oom_score_adj is read when somebody asks. */
export class LiveTask implements Task {
  readonly memcg: string;
  readonly badness: number;
  readonly excluded: boolean;
  readonly #stat: ProcStat;
  readonly #proc: string;
  #adj: number | undefined;
  #facts: ReadOnce<TaskFacts> | undefined;

  constructor(stat: ProcStat, memcg: string, ranks: Ranks, proc = "/proc") {
    const { pid, startTime, ppid, comm } = stat;
    this.#stat = stat;
    this.memcg = memcg;
    this.#proc = proc;
    this.excluded = ranks.isExcluded(pid, startTime, memcg);
    this.badness = ranks.process({
      pid,
      startTime,
      ppid,
      comm,
      memcg,
      uid: () => readUid(pid, proc),
      exe: () => readExe(pid, proc),
    }).value;
  }

  get pid(): number {
    return this.#stat.pid;
  }
  get comm(): string {
    return this.#stat.comm;
  }
  get state(): string {
    return this.#stat.state;
  }
  get startTime(): number {
    return this.#stat.startTime;
  }
  get kernelThread(): boolean {
    return this.#stat.kernelThread;
  }
  get rssBytes(): number {
    return this.#stat.rssPages * PAGE_BYTES;
  }
  get dying(): boolean {
    return this.#stat.killPending || this.#stat.exiting;
  }
  get oomScoreAdj(): number {
    this.#adj ??= readOomScoreAdj(this.#stat.pid, this.#proc);
    return this.#adj;
  }

  get facts(): TaskFacts {
    this.#facts ??= taskFacts(this.#stat.pid, this.#proc);
    return this.#facts.facts;
  }
  get knownFacts(): Partial<TaskFacts> {
    return this.#facts?.known ?? {};
  }
}
