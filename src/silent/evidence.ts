/** What the kernel counts of charges that failed, and what that proves. Pure. */

/** The failcnt files: charges that met the limit, those that found room after reclaim included. */
export interface Failures {
  readonly memory: number;
  readonly swap: number;
}

/** Which counter told of a silent OOM. */
export type Counter = "memory.failcnt" | "memory.memsw.failcnt" | "memory.memsw.usage_in_bytes";

/** The kernel tries a charge so often before it gives up, with reclaim before each time; 19 were seen on 6.18. */
const TRIES = 16;

/**
 * The counter that has grown by a charge that failed, or null. 6.18 does not count at the limit of memory and swap
 * (memory.memsw.failcnt stays 0); there `hasRungAtSwapLimit`, of a memcg that is full, is all that there is to see.
 */
export function tellingCounter(before: Failures, after: Failures, hasRungAtSwapLimit: boolean): Counter | null {
  if (after.memory - before.memory >= TRIES) return "memory.failcnt";
  if (after.swap - before.swap >= TRIES) return "memory.memsw.failcnt";
  return hasRungAtSwapLimit && after.swap === 0 ? "memory.memsw.usage_in_bytes" : null;
}
