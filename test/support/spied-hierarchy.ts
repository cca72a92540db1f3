/** A hierarchy that notes what it is asked, and knows no size before it is asked for it: like the live one. */

import type { Memcg, Task } from "../../src/hierarchy/types.ts";
import type { Snapshot, SnapshotMemcg, SnapshotTask } from "../../src/snapshot/types.ts";

/** What costs the live hierarchy a read. */
export type Asked = "rssBytes" | "rssCeilingBytes" | "children" | "tasks";

export class SpiedMemcg implements Memcg {
  readonly asked = new Set<Asked>();
  readonly path: string;
  readonly badness: number;
  readonly kill: Memcg["kill"];
  readonly #inner: Memcg;
  readonly #slack: number;
  readonly #children: readonly SpiedMemcg[];

  /** Ceilings are higher than sizes by up to `slack`, depending on the path. */
  constructor(inner: Memcg, slack = 0) {
    ({ path: this.path, badness: this.badness, kill: this.kill } = inner);
    this.#inner = inner;
    this.#slack = slack === 0 ? 0 : Buffer.from(inner.path).reduce((sum, byte) => sum + byte) % (slack + 1);
    this.#children = inner.children.map((child) => new SpiedMemcg(child, slack));
  }
  get rssBytes(): number {
    this.asked.add("rssBytes");
    return this.#inner.rssBytes;
  }
  get rssCeilingBytes(): number {
    this.asked.add("rssCeilingBytes");
    return this.#inner.rssBytes + this.#slack;
  }
  get knownRssBytes(): number | undefined {
    return this.asked.has("rssBytes") ? this.#inner.rssBytes : undefined;
  }
  get knownRssCeilingBytes(): number | undefined {
    return this.asked.has("rssCeilingBytes") ? this.#inner.rssBytes + this.#slack : undefined;
  }
  get children(): readonly SpiedMemcg[] {
    this.asked.add("children");
    return this.#children;
  }
  get preference(): Memcg["preference"] {
    return this.#inner.preference;
  }
  get facts(): Memcg["facts"] {
    return this.#inner.facts;
  }
  get tasks(): readonly Task[] {
    this.asked.add("tasks");
    return this.#inner.tasks;
  }

  /** What was asked of every memcg from here down: `/a rssBytes`. */
  log(): string[] {
    const own = [...this.asked].map((what) => `${this.path} ${what}`);
    return [...own, ...this.#children.flatMap((child) => child.log())];
  }

  /** The record: what was asked, and nothing else. */
  record(): Snapshot {
    const memcgs: SnapshotMemcg[] = [];
    const tasks: SnapshotTask[] = [];
    this.#recordInto(memcgs, tasks);
    const exclude = this.#allTasks().flatMap((task) => (task.excluded ? [task.pid] : []));
    return { oomMemcg: this.path, memcgs, tasks, exclude };
  }

  #recordInto(memcgs: SnapshotMemcg[], tasks: SnapshotTask[]): void {
    const { path, badness, kill, knownRssBytes, knownRssCeilingBytes } = this;
    memcgs.push({
      path,
      badness,
      kill,
      ...(knownRssBytes !== undefined && { rssBytes: knownRssBytes }),
      ...(knownRssCeilingBytes !== undefined && { rssCeilingBytes: knownRssCeilingBytes }),
    });
    if (this.asked.has("tasks")) tasks.push(...this.#inner.tasks.map(({ excluded: _, facts: __, ...task }) => task));
    if (this.asked.has("children")) for (const child of this.#children) child.#recordInto(memcgs, tasks);
  }

  #allTasks(): Task[] {
    return [...this.#inner.tasks, ...this.#children.flatMap((child) => child.#allTasks())];
  }
}
