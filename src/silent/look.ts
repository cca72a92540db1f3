import { nowMs } from "../kernel/clock.ts";
import { type Fill, readFill, readMemoryStat, readSwapFill } from "../kernel/memcg.ts";
import { parseKey, parseReclaimableCache } from "../kernel/parse/memory-stat.ts";
import type { Look } from "./suspicion.ts";

/** Whichever limit is nearer: that of memory, or that of memory and swap, which the kernel charges first. */
export function nearerLimit(directory: string): Fill & { readonly isSwapLimit: boolean } {
  const memory = readFill(directory);
  const swap = readSwapFill(directory);
  const isSwapLimit = marginOf(swap) <= marginOf(memory);
  return { ...(isSwapLimit ? swap : memory), isSwapLimit };
}

/** What may still be charged. */
export function marginOf({ usageBytes, limitBytes }: Fill): number {
  return limitBytes - usageBytes;
}

/** What there is to see of a memcg now. */
export function takeLook(directory: string): Look {
  const stat = readMemoryStat(directory);
  return {
    atMs: nowMs(),
    marginBytes: marginOf(nearerLimit(directory)),
    cacheBytes: parseReclaimableCache(stat),
    pageIns: parseKey(stat, "total_pgpgin") ?? 0,
  };
}
