/**
 * How many kills of every memcg's `oom_kill` are accounted for. The kernel counts a kill in the victim's memcg before it
 * speaks of it, so whatever the counter has beyond this is a kill that is still to be told, and nothing else is.
 */
import type { MemcgTree, TreeChanges, TreeNode } from "../hierarchy/tree.ts";
import { readOomControl } from "../kernel/memcg.ts";

export interface TallyOptions {
  readonly tree: MemcgTree;
  /** By inode number; kept by the caller beyond this run, so that kills while nobody listened are found later. */
  readonly seen: Map<bigint, number>;
  /** Whether oom.guard names this very memcg. */
  isGuarded(path: string): boolean;
}

export class Tally {
  readonly #options: TallyOptions;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /** Counts in guarded subtrees from now on; where it has counted before, it goes on from there. */
  begin(): void {
    const { seen, tree } = this.#options;
    const before = new Map(seen);
    seen.clear();
    for (const node of tree.walk()) {
      if (this.#isCounted(node)) seen.set(node.ino, before.get(node.ino) ?? this.read(node) ?? 0);
    }
  }

  /** A memcg begins with no kills; one that was renamed brings its own along. */
  apply({ added, removed }: TreeChanges): void {
    const { seen } = this.#options;
    const stays = new Set(added.map(({ ino }) => ino));
    const renamed = new Set(removed.map(({ ino }) => ino));
    for (const { ino } of removed) if (!stays.has(ino)) seen.delete(ino);
    for (const node of added) {
      if (!this.#isCounted(node)) seen.delete(node.ino);
      else if (!seen.has(node.ino)) seen.set(node.ino, renamed.has(node.ino) ? (this.read(node) ?? 0) : 0);
    }
  }

  has(node: TreeNode): boolean {
    return this.#options.seen.has(node.ino);
  }

  /** `oom_kill` as it is now; null if the memcg is gone, or this kernel does not count. */
  read(node: TreeNode): number | null {
    return readOomControl(this.#options.tree.directoryOf(node))?.killed ?? null;
  }

  /** Kills that are not accounted for, of a memcg in a guarded subtree. */
  growth(node: TreeNode, killed: number): number {
    return killed - (this.#options.seen.get(node.ino) ?? killed);
  }

  account(node: TreeNode, kills: number): void {
    const { seen } = this.#options;
    seen.set(node.ino, (seen.get(node.ino) ?? 0) + kills);
  }

  /** Every memcg that is counted. */
  *nodes(from?: TreeNode): Generator<TreeNode> {
    for (const node of this.#options.tree.walk(from)) if (this.has(node)) yield node;
  }

  #isCounted({ path, parent }: TreeNode): boolean {
    return this.#options.isGuarded(path) || (parent !== null && this.has(parent));
  }
}
