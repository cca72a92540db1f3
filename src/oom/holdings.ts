/** What kind of memory fills a memcg: for reports, never before a signal. */
import { SLACK_BYTES, sumOfProcesses } from "../hierarchy/measure.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { readKmemBytes, readMemoryStat, readUsageBytes } from "../kernel/memcg.ts";
import { parseKey } from "../kernel/parse/memory-stat.ts";
import type { Holdings } from "../report/events.ts";

/** Everything that is charged to the subtree at `node`, by its kinds. */
export function holdingsOf(tree: MemcgTree, node: TreeNode, proc = "/proc"): Holdings {
  const directory = tree.directoryOf(node);
  const usageBytes = readUsageBytes(directory);
  const stat = readMemoryStat(directory);
  const total = (key: string) => parseKey(stat, `total_${key}`) ?? 0;
  const elsewhereBytes = total("rss") - sumOfProcesses(tree, node, proc);
  return sortOut({
    usageBytes,
    anonBytes: total("rss"),
    elsewhereBytes: elsewhereBytes > SLACK_BYTES ? elsewhereBytes : 0,
    shmemBytes: total("shmem"),
    cacheBytes: total("cache"),
    kernelBytes: readKmemBytes(directory),
    mappedBytes: total("mapped_file"),
    unevictableBytes: total("unevictable"),
  });
}

/** What was read, before it was made to add up. */
type Read = Omit<Holdings, "fileBytes" | "otherBytes"> & { readonly usageBytes: number; readonly cacheBytes: number };

/** The kernel counts tmpfs as cache; and memory.stat may be two seconds old, while the usage never is. */
export function sortOut({ usageBytes, cacheBytes, ...read }: Read): Holdings {
  const fileBytes = Math.max(0, cacheBytes - read.shmemBytes);
  const known = read.anonBytes + read.shmemBytes + fileBytes + read.kernelBytes;
  return { ...read, fileBytes, otherBytes: Math.max(0, usageBytes - known) };
}
