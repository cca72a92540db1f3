/** Letting the kernel's killer loose for as long as it takes, and holding it off again. */
import type { MemcgTree } from "../hierarchy/tree.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { readOomControl, readOomControlFd, writeKillDisable } from "../kernel/memcg.ts";
import { fillAtLimit } from "../notify/fill.ts";
import type { Held } from "./hold.ts";

/** The kernel kills within 10 ms; where it finds nobody it goes on for a while, so that nothing spins. */
const LONGEST_MS = 2_000;
const POLL_MS = 2;
/** A look at a large subtree costs something, and after this much in vain there is no hurry. */
const PATIENT_AFTER_MS = 100;
const PATIENT_POLL_MS = 50;
/** How long the OOM must be over before we believe it. */
const SETTLED_MS = 20;

export interface Pulse {
  /** Processes that the kernel killed in the subtree. */
  readonly kernelKilled: number;
  /** False: nobody died and the memcg is still full. */
  readonly isOver: boolean;
}

/**
 * Writes 0, waits until the kernel has killed or the OOM is over, and writes 1. Writing 1 at once would kill nobody:
 * the waiting tasks have to wake up and fail again first, and under_oom reads 0 meanwhile.
 */
export async function pulse(held: Held, tree: MemcgTree): Promise<Pulse> {
  const before = countKernelKills(held, tree);
  writeKillDisable(held.oomControlFd, false);
  const isOver = await killedOrOver(held, () => countKernelKills(held, tree) > before);
  writeKillDisable(held.oomControlFd, true);
  return { kernelKilled: countKernelKills(held, tree) - before, isOver };
}

/** Kills by the kernel count in the victim's memcg alone, so the subtree is summed up. */
export function countKernelKills(held: Held, tree: MemcgTree): number {
  let sum = 0;
  for (const node of tree.walk(held.node)) sum += readOomControl(tree.directoryOf(node))?.killed ?? 0;
  return sum;
}

async function killedOrOver(held: Held, hasKilled: () => boolean): Promise<boolean> {
  const start = nowMs();
  const end = start + LONGEST_MS;
  let calmSince = Number.POSITIVE_INFINITY;
  while (nowMs() < end) {
    if (hasKilled()) return true;
    const isCalm = readOomControlFd(held.oomControlFd)?.underOom !== true && fillAtLimit(held.directory) === null;
    calmSince = isCalm ? Math.min(calmSince, nowMs()) : Number.POSITIVE_INFINITY;
    if (nowMs() - calmSince >= SETTLED_MS) return true;
    await sleep(nowMs() - start < PATIENT_AFTER_MS ? POLL_MS : PATIENT_POLL_MS);
  }
  return false;
}
