/** What is true of a memcg, whatever its bell says. */
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import type { Held } from "../hold/hold.ts";
import { readOomControl, readOomControlFd } from "../kernel/memcg.ts";

/** Whether tasks wait for memory in this memcg; null once it is removed. */
export function isWaiting(held: Held): boolean | null {
  return readOomControlFd(held.oomControlFd)?.underOom ?? null;
}

/**
 * The memcg whose limit was hit: an OOM shows in every memcg below it and in none above, so it is the topmost that is
 * under OOM. Null where nobody is, or where it is a memcg that we do not hold.
 */
export function oomMemcgOf(held: Held, tree: MemcgTree, all: ReadonlyMap<bigint, Held>): Held | null {
  if (readOomControlFd(held.oomControlFd)?.underOom !== true) return null;
  let top: TreeNode = held.node;
  // The root memcg has no limit, and is never under OOM.
  for (let above = top.parent; above?.parent && isUnderOom(above, tree, all); above = above.parent) top = above;
  return all.get(top.ino) ?? null;
}

function isUnderOom(node: TreeNode, tree: MemcgTree, all: ReadonlyMap<bigint, Held>): boolean {
  const held = all.get(node.ino);
  const control = held ? readOomControlFd(held.oomControlFd) : readOomControl(tree.directoryOf(node));
  return control?.underOom === true;
}
