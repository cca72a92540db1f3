/** What oom_kill_disable was before we came, and whose doing it is where it was 1. */
import type { TreeNode } from "../hierarchy/tree.ts";
import { readOomControl } from "../kernel/memcg.ts";
import type { Held } from "./hold.ts";
import type { ArmedMemcg, ArmedRecord } from "./record.ts";
import { type Restored, restore } from "./restore.ts";

/** Why a memcg is given back that nobody arms again after a death. */
export const LEFT_ARMED = "an earlier run had left it armed";

export class Origins {
  readonly #mountPoint: string;
  /** What is held now, by inode number. */
  readonly #held: ReadonlyMap<bigint, Held>;
  /** Held by somebody else before we came: inode numbers. */
  readonly #foreign: Set<bigint>;
  /** Armed still by a run that died, by inode number: whoever waits in there waits for us, not for the kernel. */
  #left: ReadonlyMap<bigint, ArmedMemcg>;

  constructor(mountPoint: string, held: ReadonlyMap<bigint, Held>, left: ArmedRecord | null) {
    this.#mountPoint = mountPoint;
    this.#held = held;
    this.#foreign = new Set(left?.foreign);
    this.#left = new Map(left?.armed.map((armed) => [armed.ino, armed]));
  }

  /** Before the first memcg is armed: what somebody else holds stays as it is. */
  noteForeign(nodes: Iterable<TreeNode>, directoryOf: (node: TreeNode) => string): void {
    for (const node of nodes) {
      if (this.#isOfEarlierRun(node)) continue;
      if (readOomControl(directoryOf(node))?.killDisable === true) this.#foreign.add(node.ino);
    }
  }

  /** Whether a memcg that reads 1 has it from birth, as a copy of what we have written above it: nobody's wish. */
  isBornArmed(node: TreeNode): boolean {
    return !this.#foreign.has(node.ino) && isBelow(node, ({ ino }) => this.#held.has(ino));
  }

  /** What a memcg that reads 1 is to get back. */
  wasDisabled(node: TreeNode): boolean {
    return this.#left.get(node.ino)?.was ?? !(this.isBornArmed(node) || this.#isOfEarlierRun(node));
  }

  /** Puts back what an earlier run has left armed and is not held now. */
  putBackLeft(): Restored {
    const foreign = new Set([...this.#foreign, ...this.#held.keys()]);
    const result = restore({ mountPoint: this.#mountPoint, armed: this.#notHeld(), foreign }, "after a death");
    if (result.failed.length === 0) this.#left = new Map();
    return result;
  }

  /** What whoever comes after us has to put back. */
  record(): ArmedRecord {
    const held = Array.from(this.#held.values(), ({ node, was }) => ({ memcg: node.path, ino: node.ino, was }));
    return { mountPoint: this.#mountPoint, armed: [...held, ...this.#notHeld()], foreign: this.#foreign };
  }

  #notHeld(): ArmedMemcg[] {
    return [...this.#left.values()].filter(({ ino }) => !this.#held.has(ino));
  }

  /** Armed by it, or born armed below what it had armed. */
  #isOfEarlierRun(node: TreeNode): boolean {
    if (this.#foreign.has(node.ino)) return false;
    return this.#left.has(node.ino) || isBelow(node, ({ ino }) => this.#left.get(ino)?.was === false);
  }
}

function isBelow(node: TreeNode, isOne: (above: TreeNode) => boolean): boolean {
  for (let above = node.parent; above !== null; above = above.parent) if (isOne(above)) return true;
  return false;
}
