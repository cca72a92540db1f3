/** Says which xattrs are ignored: each value once, and never so many that they push everything else out of the log. */
import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import { describeIgnored, type IgnoredXattr } from "./xattrs.ts";

/** Different bad values of one memcg; whoever sets more is not told any more. */
const MOST_OF_ONE = 8;
const MOST_A_MINUTE = 50;
const MINUTE_MS = 60_000;

export class XattrWarnings {
  readonly #warn: (memcg: string, what: string) => void;
  readonly #said = new WeakMap<TreeNode, Set<string>>();
  #minuteBeganMs = Number.NEGATIVE_INFINITY;
  #inThisMinute = 0;

  constructor(warn: (memcg: string, what: string) => void) {
    this.#warn = warn;
  }

  /** What is ignored of a memcg, as often as it is found. */
  note(node: TreeNode, ignored: readonly IgnoredXattr[]): void {
    if (ignored.length === 0) return;
    const said = this.#said.get(node) ?? new Set();
    this.#said.set(node, said);
    for (const one of ignored) {
      const what = describeIgnored(one);
      if (said.has(what) || said.size >= MOST_OF_ONE || !this.#mayWarn()) continue;
      said.add(what);
      this.#warn(node.path, what);
    }
  }

  #mayWarn(): boolean {
    if (nowMs() - this.#minuteBeganMs > MINUTE_MS) {
      this.#minuteBeganMs = nowMs();
      this.#inThisMinute = 0;
    }
    this.#inThisMinute += 1;
    return this.#inThisMinute <= MOST_A_MINUTE;
  }
}
