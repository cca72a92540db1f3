/** Says which xattrs are ignored: each value once, and never so many that they push everything else out of the log. */
import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import { describeIgnored, type IgnoredXattr, NAMESPACES, type Namespace } from "./xattrs.ts";

/** Different bad values of one memcg; whoever sets more is not told any more. */
const MOST_OF_ONE = 8;
const MOST_A_MINUTE = 50;
const MINUTE_MS = 60_000;

type Warn = (memcg: string, what: string) => void;

/** What owners set counts apart from what root sets: nobody who may write user.* can mute what root should hear. */
export class XattrWarnings {
  readonly #of: Readonly<Record<Namespace, Bounded>>;

  constructor(warn: Warn) {
    this.#of = { trusted: new Bounded(warn), user: new Bounded(warn) };
  }

  /** What is ignored of a memcg, as often as it is found. */
  note(node: TreeNode, ignored: readonly IgnoredXattr[]): void {
    if (ignored.length === 0) return;
    for (const namespace of NAMESPACES) {
      const some = ignored.filter(({ name }) => name.startsWith(`${namespace}.`));
      this.#of[namespace].note(node, some.map(describeIgnored));
    }
  }
}

class Bounded {
  readonly #warn: Warn;
  readonly #said = new WeakMap<TreeNode, Set<string>>();
  #minuteBeganMs = Number.NEGATIVE_INFINITY;
  #inThisMinute = 0;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  note(node: TreeNode, whats: readonly string[]): void {
    const said = this.#said.get(node) ?? new Set();
    if (whats.length > 0) this.#said.set(node, said);
    for (const what of whats) {
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
