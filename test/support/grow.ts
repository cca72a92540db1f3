/** Trees in one expression, as oomd's tests build theirs. */
import type { Memcg } from "../../src/hierarchy/types.ts";
import type { Choice } from "../../src/select/types.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { SnapshotMemcg, SnapshotTask } from "../../src/snapshot/types.ts";

/** A memcg: those in it by name, and in the place of one its processes by pid. */
export interface Grown {
  readonly [name: string]: Grown | readonly number[];
}

export interface Details {
  /** By path below the top, as `A/Z`; "" is the top. */
  readonly memcgs?: Readonly<Record<string, Omit<SnapshotMemcg, "path">>>;
  readonly tasks?: Readonly<Record<number, Partial<SnapshotTask>>>;
}

/** `grow({ A: { Z: [1] }, B: [2] })` is /A/Z with process 1 in it, and /B with process 2. Every process has 4 KiB. */
export function grow(shape: Grown, { memcgs = {}, tasks = {} }: Details = {}): Memcg {
  const paths = new Map<string, SnapshotMemcg>([["/", { path: "/", ...memcgs[""] }]]);
  const processes: SnapshotTask[] = [];
  const plant = (name: string, inside: Grown | readonly number[]) => {
    const path = `/${name}`;
    paths.set(path, { path, ...memcgs[name] });
    if (isList(inside)) {
      for (const pid of inside) processes.push({ pid, memcg: path, rssBytes: 4096, ...tasks[pid] });
    } else for (const [child, below] of Object.entries(inside)) plant(`${name}/${child}`, below);
  };
  for (const [name, inside] of Object.entries(shape)) {
    if (name !== "" || !isList(inside)) plant(name, inside);
    else for (const pid of inside) processes.push({ pid, memcg: "/", rssBytes: 4096, ...tasks[pid] });
  }
  return hierarchyOf({ oomMemcg: "/", memcgs: [...paths.values()], tasks: processes, exclude: [] });
}

/** A pid, or a memcg that dies as a whole. */
export function nameOf({ victim }: Choice): number | string {
  return victim.kind === "process" ? victim.task.pid : victim.memcg.path;
}

function isList(inside: Grown | readonly number[]): inside is readonly number[] {
  return Array.isArray(inside);
}
