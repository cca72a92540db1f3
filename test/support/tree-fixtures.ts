/** Trees of real memcgs and their processes, as the kernel printed them: fixtures/trees/CASE/{sys,proc}. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LiveMemcg, liveHierarchy, type Ranks } from "../../src/hierarchy/live.ts";
import { MemcgTree } from "../../src/hierarchy/tree.ts";
import type { KillUnit } from "../../src/hierarchy/types.ts";
import type { Victim } from "../../src/select/types.ts";
import type { ShortVictim } from "./naive-rank.ts";

const DIRECTORY = fileURLToPath(new URL("../../fixtures/trees", import.meta.url));

/** expected.json of a case: what badness everything has, and who dies in which order. */
export interface ExpectedTree {
  readonly oomMemcg: string;
  readonly memcgs?: Readonly<Record<string, { readonly badness?: number; readonly kill?: KillUnit }>>;
  /** Badness by pid. */
  readonly processes?: Readonly<Record<string, number>>;
  readonly ranked: readonly ShortVictim[];
  /** The same for other policies, with their arguments. */
  readonly byPolicy?: Readonly<Record<string, readonly ShortVictim[]>>;
}

/** Names of the cases in fixtures/trees. */
export const treeCases: readonly string[] = readdirSync(DIRECTORY).sort();

export const treeDirectory = (name: string): string => `${DIRECTORY}/${name}`;

export function expectedOf(name: string): ExpectedTree {
  return JSON.parse(readFileSync(`${DIRECTORY}/${name}/expected.json`, "utf8")) as ExpectedTree;
}

/** The OOM memcg of a tree in this directory, nothing of it read yet. */
export function openTree(directory: string, expected: ExpectedTree): LiveMemcg {
  const tree = new MemcgTree(`${directory}/sys`, false);
  const node = tree.find(expected.oomMemcg);
  if (node === null) throw new Error(`${directory} has no ${expected.oomMemcg}`);
  return liveHierarchy(tree, node, ranksOf(expected), `${directory}/proc`);
}

/** A pid, or a group's path with its pids. */
export function shortVictim(victim: Victim): ShortVictim {
  if (victim.kind === "process") return victim.task.pid;
  return `${victim.memcg.path} ${victim.tasks.map(({ pid }) => pid).join(",")}`;
}

function ranksOf({ memcgs = {}, processes = {} }: ExpectedTree): Ranks {
  const sourced = <T>(value: T) => ({ value, source: "test" });
  return {
    memcg: ({ path }) => ({
      badness: sourced(memcgs[path]?.badness ?? 5000),
      kill: sourced(memcgs[path]?.kill ?? "process"),
    }),
    process: ({ pid }) => sourced(processes[pid] ?? 5000),
    isExcluded: () => false,
  };
}
