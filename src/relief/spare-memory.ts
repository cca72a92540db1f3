/** How much could be lent without anybody else coming to be short of it. */
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { readFill } from "../kernel/memcg.ts";

/** Room below the limits above a memcg: beyond it, it would be their OOM. */
export function roomAbove(tree: MemcgTree, { parent }: TreeNode): number {
  let roomBytes = Number.POSITIVE_INFINITY;
  for (let above = parent; above !== null; above = above.parent) {
    const { usageBytes, limitBytes } = readFill(tree.directoryOf(above));
    roomBytes = Math.min(roomBytes, limitBytes - usageBytes);
  }
  return roomBytes;
}

/** What was lent to a memcg and is not used yet: it still looks available. */
export function unusedBytes(directory: string, lentBytes: number): number {
  const { usageBytes, limitBytes } = readFill(directory);
  return Math.max(0, Math.min(lentBytes, limitBytes - usageBytes));
}
