/** What `top` might see, written down in one expression. */
import type { Kill } from "../../src/cli/top/kills.ts";
import type { DaemonSight } from "../../src/cli/top/listener.ts";
import type { Sight, Unreadable } from "../../src/cli/top/sight.ts";
import type { TreeLine } from "../../src/cli/tree.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import type { Victim } from "../../src/select/types.ts";

export type Facts = Partial<TreeLine> | Unreadable;

export interface PlainSight {
  /** By path; those above need not be named. */
  readonly memcgs: Readonly<Record<string, Facts>>;
  readonly next?: Victim | null;
  readonly policy?: string | null;
  readonly daemon?: Partial<DaemonSight>;
  /** Is told of every memcg of which everything is read. */
  readonly onRead?: (path: string) => void;
}

export const STATUS = {
  ready: true,
  version: "1.2.3",
  pid: 1,
  failsafePid: 2,
  dryRun: false,
  watchesMachine: true,
  armed: [],
  lent: [],
} as const;

export function sightOf({ memcgs, next = null, policy = null, daemon, onRead = () => {} }: PlainSight): Sight {
  const root = nodeOf("/", null);
  for (const path of Object.keys(memcgs)) add(root, path);
  const facts = (node: TreeNode) => lineOf(node.path, memcgs[node.path] ?? {});
  const number = (node: TreeNode, key: "badness" | "rssBytes" | "usageBytes") => {
    const line = facts(node);
    return "unreadable" in line ? 0 : line[key];
  };
  return {
    nearest: (path) => nearest(root, path),
    next: () => ({ victim: next, policy }),
    line(node) {
      onRead(node.path);
      return facts(node);
    },
    badness: (node) => number(node, "badness"),
    rssBytes: (node) => number(node, "rssBytes"),
    usageBytes: (node) => number(node, "usageBytes"),
    fill: (node) => {
      const line = facts(node);
      return "unreadable" in line ? 0 : line.usageBytes / (line.limitBytes ?? Number.POSITIVE_INFINITY);
    },
    daemon: { status: STATUS, goneSince: null, kills: [], ...daemon },
  };
}

export function processVictim(memcg: string, pid: number, comm: string): Victim {
  const task = { pid, memcg, comm, rssBytes: 80 * 2 ** 20, badness: 5000, startTime: 1, oomScoreAdj: 0, state: "S" };
  const facts = { swapBytes: null, pageTableBytes: null };
  return { kind: "process", task: { ...task, kernelThread: false, dying: false, excluded: false, facts } };
}

export function killOf(seq: number, pid: number, comm: string, memcg: string): Kill {
  const victims = [{ pid, startTime: 1, comm, memcg, rssBytes: 80 * 2 ** 20 }];
  return {
    type: "kill",
    time: new Date(2026, 10, 23, 14, 2, seq % 60).toISOString(),
    seq,
    memcg,
    dryRun: false,
    victims,
    missed: [],
  };
}

function lineOf(memcg: string, facts: Facts): TreeLine | Unreadable {
  if ("unreadable" in facts) return facts;
  const priority = { badness: 5000, badnessFrom: "default", kill: "process", killFrom: "default" } as const;
  const rest = {
    delayMs: 10_000,
    delayFrom: "default",
    ignored: [],
    rssBytes: 0,
    usageBytes: 0,
    limitBytes: null,
    lentBytes: 0,
    preference: null,
  } as const;
  return { memcg, ...priority, ...rest, armed: false, underOom: false, nextVictim: null, ...facts };
}

function nodeOf(path: string, parent: TreeNode | null): TreeNode {
  return { path, name: path.slice(path.lastIndexOf("/") + 1), ino: 0n, parent, children: new Map(), watch: null };
}

function add(root: TreeNode, path: string): void {
  let node = root;
  for (const name of path.split("/").filter(Boolean)) {
    const child = node.children.get(name) ?? nodeOf(node === root ? `/${name}` : `${node.path}/${name}`, node);
    node.children.set(name, child);
    node = child;
  }
}

function nearest(root: TreeNode, path: string): TreeNode {
  let node = root;
  for (const name of path.split("/").slice(1)) {
    const child = node.children.get(name);
    if (child === undefined) break;
    node = child;
  }
  return node;
}
