import { type LiveMemcg, liveHierarchy } from "../../hierarchy/live.ts";
import type { MemcgTree, TreeNode } from "../../hierarchy/tree.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import { readFill } from "../../kernel/memcg.ts";
import { BUILT_IN } from "../../policy/loaded.ts";
import { decideInTurn } from "../../policy/turns.ts";
import type { SampleOf } from "../chosen-policies.ts";
import { CommandFailed } from "../context.ts";
import type { LiveRanks } from "../live.ts";
import { lineOf, type TreeLine } from "../tree.ts";
import { turnsInForce } from "../turns.ts";
import type { DaemonSight } from "./listener.ts";
import type { Next, Sight, Unreadable } from "./sight.ts";

export interface LiveSightOptions {
  readonly tree: MemcgTree;
  readonly ranks: LiveRanks;
  /** What policies have kept. */
  readonly sampleOf: SampleOf;
  readonly daemon: DaemonSight;
}

/** The kernel's memcgs at one moment: each fact is read when it is first asked for, and holds for this sight. */
export class LiveSight implements Sight {
  readonly daemon: DaemonSight;
  readonly #tree: MemcgTree;
  readonly #ranks: LiveRanks;
  readonly #sampleOf: SampleOf;
  readonly #memcgs = new Map<TreeNode, LiveMemcg>();
  readonly #fills = new Map<TreeNode, number>();
  readonly #nexts = new Map<TreeNode, Next>();
  readonly #lines = new Map<TreeNode, TreeLine | Unreadable>();

  constructor({ tree, ranks, sampleOf, daemon }: LiveSightOptions) {
    this.#tree = tree;
    this.#ranks = ranks;
    this.#sampleOf = sampleOf;
    this.daemon = daemon;
  }

  nearest(path: string): TreeNode {
    let node = this.#tree.root;
    for (const name of path.split("/").slice(1)) {
      const child = node.children.get(name);
      if (child === undefined) break;
      node = child;
    }
    return node;
  }

  next(top: TreeNode): Next {
    return once(this.#nexts, top, () => {
      const next = attempt(() => this.#decide(top));
      return "unreadable" in next ? { victim: null, policy: null, unknown: next.unreadable } : next;
    });
  }

  #decide(top: TreeNode): Next {
    const turns = turnsInForce({ priorities: this.#ranks.priorities, node: top }, this.#sampleOf);
    const { by, choice } = decideInTurn(liveHierarchy(this.#tree, top, this.#ranks.ranks), turns);
    return { victim: choice?.victim ?? null, policy: by === BUILT_IN ? null : by.policy.name };
  }

  line(node: TreeNode): TreeLine | Unreadable {
    const view = { tree: this.#tree, priorities: this.#ranks.priorities };
    return once(this.#lines, node, () =>
      attempt(() => lineOf(this.#memcg(node), view, null, this.daemon.status?.lent)),
    );
  }

  badness(node: TreeNode): number {
    return this.#ranks.priorities.memcg(node).badness.value;
  }

  rssBytes(node: TreeNode): number {
    return orZero(attempt(() => this.#memcg(node).rssBytes));
  }

  usageBytes(node: TreeNode): number {
    return orZero(attempt(() => this.#memcg(node).rssCeilingBytes));
  }

  fill(node: TreeNode): number {
    const read = () => {
      const { usageBytes, limitBytes } = readFill(this.#tree.directoryOf(node));
      return usageBytes / limitBytes;
    };
    return once(this.#fills, node, () => orZero(attempt(read)));
  }

  #memcg(node: TreeNode): LiveMemcg {
    return once(this.#memcgs, node, () => liveHierarchy(this.#tree, node, this.#ranks.ranks));
  }
}

function once<K, V>(known: Map<K, V>, key: K, read: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = read();
    known.set(key, value);
  }
  return value;
}

/** One memcg that may not be read, or one policy that is not there any more, does not spoil the view of all others. */
function attempt<T>(read: () => T): T | Unreadable {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError || error instanceof CommandFailed) return { unreadable: error.message };
    throw error;
  }
}

function orZero(value: number | Unreadable): number {
  return typeof value === "number" ? value : 0;
}
