/** `reclaim`: has the kernel take back what it can of an OOM memcg's cache, as often as there is some left. */
import { nowMs, sleep } from "../kernel/clock.ts";
import { readCacheBytes, readUsageBytes } from "../kernel/memcg.ts";
import type { Attempt, Plight, Result } from "./types.ts";
import { writeAside } from "./write-aside.ts";

/** With less than this left on the lists, there is nothing to wait for. */
const WORTHWHILE_BYTES = 1024 * 1024;
/** What is dirty may have been written by then. */
const AGAIN_MS = 50;

/**
 * The kernel has reclaimed before it says that memory is out; this brings what could not be had then and can be now: what
 * was dirty or locked, or has swap to go to by now.
 */
export function reclaim(plight: Plight, windowMs: number): Attempt {
  return { by: "reclaim", of: plight.held.node, windowMs, begin: (ms) => emptyUntil(plight, nowMs() + ms) };
}

async function emptyUntil(plight: Plight, endMs: number): Promise<Result> {
  const { directory } = plight.held;
  const before = readUsageBytes(directory);
  for (;;) {
    // Of swap and cache alike; there is no memory.reclaim on v1.
    const end = await writeAside(directory, [["memory.force_empty", "0"]], endMs - nowMs());
    if (end.isTimeout) return { outcome: "timed out" };
    if (end.failure !== null) return { outcome: "failed", detail: `${end.failure} ${end.stderr}`.trim() };
    const isOver = !plight.isWaiting() || readCacheBytes(directory) < WORTHWHILE_BYTES;
    if (isOver || nowMs() + AGAIN_MS >= endMs) break;
    await sleep(AGAIN_MS);
  }
  return readUsageBytes(directory) < before ? { outcome: "done" } : { outcome: "pass", detail: "nothing came back" };
}
