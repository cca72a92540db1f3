import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import type { Loaded } from "../policy/loaded.ts";

/** A time in which nobody is killed, and the policy that wants it. */
export interface Pause {
  readonly by: Loaded;
  readonly endMs: number;
}

/**
 * The pauses that policies want after a kill, for each OOM memcg by itself: they outlast the OOM, for what the dead leave is
 * taken within milliseconds where one is hungry, and then the next OOM is only the old one.
 */
export class Pauses {
  readonly #pauses = new WeakMap<TreeNode, Pause>();

  /** Somebody was killed for an OOM of this memcg. */
  begin(node: TreeNode, by: Loaded): void {
    if (by.postActionDelayMs > 0) this.#pauses.set(node, { by, endMs: nowMs() + by.postActionDelayMs });
  }

  /** The one that is not over yet, or null. */
  of(node: TreeNode): Pause | null {
    const pause = this.#pauses.get(node);
    return pause === undefined || pause.endMs <= nowMs() ? null : pause;
  }
}
