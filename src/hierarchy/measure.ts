/** The size of a memcg, also where memory.stat does not know of it yet. */
import { cpus } from "node:os";
import { readKmemBytes, readSizes } from "../kernel/memcg.ts";
import { readAnonBytes } from "../kernel/process.ts";
import { readLeaders } from "../kernel/residents.ts";
import type { MemcgTree, TreeNode } from "./tree.ts";

/** Pages that a processor keeps in stock, and those that it has not told memory.stat of: 64 each. */
export const SLACK_BYTES = cpus().length * 128 * 4096;

/**
 * Anonymous memory of the subtree, bytes: `total_rss`, unless that is old. A memcg that is filled while the kernel brings
 * those above it up to date is passed over until the next round, which is two seconds later (seen on 6.18: memory.stat
 * said 0 of 42 MiB). The page counter is never old, so what it has and memory.stat cannot explain tells. Then the
 * processes are measured instead.
 */
export function measureRss(tree: MemcgTree, node: TreeNode, usageBytes: number, proc: string): number {
  const directory = tree.directoryOf(node);
  const { rssBytes, cacheBytes } = readSizes(directory);
  const unexplained = usageBytes - rssBytes - cacheBytes;
  const isSound =
    Math.abs(unexplained) <= SLACK_BYTES || Math.abs(unexplained - readKmemBytes(directory)) <= SLACK_BYTES;
  return isSound ? rssBytes : Math.min(usageBytes, sumOfProcesses(tree, node, proc));
}

/** Anonymous memory of all processes of the subtree, bytes. */
export function sumOfProcesses(tree: MemcgTree, node: TreeNode, proc: string): number {
  let sum = 0;
  for (const each of tree.walk(node)) {
    for (const pid of readLeaders(tree.directoryOf(each))) sum += readAnonBytes(pid, proc);
  }
  return sum;
}
