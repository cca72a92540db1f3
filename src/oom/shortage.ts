import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import type { Held } from "../hold/hold.ts";
import { countKernelKills } from "../hold/pulse.ts";
import { type Fill, readFill, readMemoryStat } from "../kernel/memcg.ts";
import { fillAtLimit } from "../notify/fill.ts";
import { isWaiting } from "./situation.ts";

/** Where memory has run out, and how that is seen: in a memcg at its limit, or on the whole machine. */
export interface Shortage {
  /** From here down somebody must die. */
  readonly node: TreeNode;
  /** How full it is while memory is short, null once it has come back: the last look before a signal. */
  look(): Fill | null;
  /** How full it is in any case. */
  fill(): Fill;
  /** Processes that the kernel has killed in it so far. */
  countKernelKills(): number;
  /** What fills it, as the kernel prints it. */
  memoryStat(): string;
}

/** A memcg whose limit was hit. */
export function memcgShortage(held: Held, tree: MemcgTree): Shortage {
  const { node, directory } = held;
  return {
    node,
    look() {
      const fill = fillAtLimit(directory);
      return isWaiting(held) === true ? fill : null;
    },
    fill: () => readFill(directory),
    countKernelKills: () => countKernelKills(held, tree),
    memoryStat: () => readMemoryStat(directory),
  };
}
