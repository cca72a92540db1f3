import type { Memcg, MemcgFacts, Task } from "../hierarchy/types.ts";
import type { Snapshot, SnapshotMemcg, SnapshotTask } from "./types.ts";

const DEFAULT_BADNESS = 5000;

/** The OOM memcg of a snapshot, with everything below it. What lies elsewhere in the snapshot is left out. */
export function hierarchyOf(snapshot: Snapshot): Memcg {
  const root = new Planted({ path: snapshot.oomMemcg });
  const memcgs = new Map([[root.path, root]]);
  for (const facts of snapshot.memcgs) if (isWithin(facts.path, root.path)) plant(memcgs, facts.path).given = facts;
  const excluded = new Set(snapshot.exclude);
  for (const facts of snapshot.tasks)
    if (isWithin(facts.memcg, root.path)) plant(memcgs, facts.memcg).tasks.push(taskOf(facts, excluded));
  sumUp(memcgs.values());
  return root;
}

/** A memcg in a tree made of plain data. */
class Planted implements Memcg {
  readonly path: string;
  readonly children: Planted[] = [];
  readonly tasks: Task[] = [];
  /** What the snapshot says of it. */
  given: SnapshotMemcg;
  /** Over the processes of the subtree. */
  sumBytes = 0;

  constructor(given: SnapshotMemcg) {
    this.path = given.path;
    this.given = given;
  }
  get badness() {
    return this.given.badness ?? DEFAULT_BADNESS;
  }
  get kill() {
    return this.given.kill ?? "process";
  }
  get rssBytes() {
    return this.given.rssBytes ?? this.sumBytes;
  }
  get rssCeilingBytes() {
    return this.given.rssCeilingBytes ?? this.rssBytes;
  }
  /** A record with the ceiling alone says that the size itself was not known. */
  get knownRssBytes() {
    return this.given.rssCeilingBytes === undefined ? this.rssBytes : this.given.rssBytes;
  }
  get knownRssCeilingBytes() {
    return this.rssCeilingBytes;
  }
  get preference() {
    return this.given.preference ?? null;
  }
  get facts(): MemcgFacts {
    const { limitBytes, swapBytes, protectedBytes, memoryPressure, ioPressure, pgScans, io } = this.given;
    return {
      usageBytes: this.given.usageBytes ?? this.rssCeilingBytes,
      limitBytes: limitBytes ?? null,
      swapBytes: swapBytes ?? null,
      protectedBytes: protectedBytes ?? null,
      memoryPressure: memoryPressure ?? null,
      ioPressure: ioPressure ?? null,
      pgScans: pgScans ?? null,
      io: io ?? null,
    };
  }
}

/** The memcg of this path, made with defaults if it is new, and its ancestors likewise. */
function plant(memcgs: Map<string, Planted>, path: string): Planted {
  const bottom = memcgs.get(path) ?? new Planted({ path });
  for (let memcg = bottom; !memcgs.has(memcg.path); ) {
    memcgs.set(memcg.path, memcg);
    const parentPath = memcg.path.slice(0, memcg.path.lastIndexOf("/")) || "/";
    const parent = memcgs.get(parentPath) ?? new Planted({ path: parentPath });
    parent.children.push(memcg);
    memcg = parent;
  }
  return bottom;
}

/** Adds up the deepest first, so that every memcg is complete before its parent counts it. */
function sumUp(memcgs: Iterable<Planted>): void {
  const deepestFirst = [...memcgs].sort((a, b) => b.path.length - a.path.length);
  for (const memcg of deepestFirst) {
    for (const task of memcg.tasks) memcg.sumBytes += task.rssBytes;
    for (const child of memcg.children) memcg.sumBytes += child.sumBytes;
  }
}

function taskOf(facts: SnapshotTask, excluded: ReadonlySet<number>): Task {
  return {
    pid: facts.pid,
    memcg: facts.memcg,
    rssBytes: facts.rssBytes ?? 0,
    badness: facts.badness ?? DEFAULT_BADNESS,
    startTime: facts.startTime ?? 0,
    oomScoreAdj: facts.oomScoreAdj ?? 0,
    comm: facts.comm ?? "",
    state: facts.state ?? "S",
    kernelThread: facts.kernelThread ?? false,
    dying: facts.dying ?? false,
    excluded: excluded.has(facts.pid),
    facts: { swapBytes: facts.swapBytes ?? null, pageTableBytes: facts.pageTableBytes ?? null },
  };
}

function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(top === "/" ? "/" : `${top}/`);
}
