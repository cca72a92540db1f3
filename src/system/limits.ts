/** When the whole machine is out of memory, and how soon it could be: reckoned, nothing read. */
import { minAvailableBytes } from "../config/min-available.ts";
import type { Settings, SystemSettings } from "../config/types.ts";
import type { Meminfo } from "../kernel/meminfo.ts";

/** As fast as memory and swap can be filled, bytes a millisecond: what earlyoom reckons with, 6 GiB and 0.8 GiB a second. */
const MEMORY_RATE = 6_291_456;
const SWAP_RATE = 838_861;
/** Looking more often costs more than it tells; where nothing tells when to look, more often than earlyoom does. */
const SHORTEST_POLL_MS = 10;
const BLIND_POLL_MS = 100;
/** Of `oom.system.min_available`: once there is no more than this, nobody is asked for memory any more. */
const LAST = 1 / 2;
/** Who wants more than this of the machine to stay free has made a mistake, and would have everybody killed. */
const MOST = 1 / 2;

/** Whether a system-wide OOM is to be handled, if it can be. */
export function isWanted({ enabled, system }: Settings): boolean {
  return enabled && system.enabled;
}

/** What a look at the machine's memory comes to. */
export interface Assessment {
  readonly isShort: boolean;
  /** There is no time left for anything but a kill. */
  readonly isNearlyGone: boolean;
  /** How much more may be used before it is short, swap not counted. */
  readonly roomBytes: number;
  /** Nothing can run memory out sooner than this. */
  readonly leastMs: number;
}

/** `readStall`, full avg10 of PSI in per cent, is asked where it decides. */
export function assess(meminfo: Meminfo, system: SystemSettings, readStall: () => number): Assessment {
  const { totalBytes, availableBytes, swapTotalBytes, swapFreeBytes } = meminfo;
  const minBytes = minAvailableBytes(system.minAvailable, totalBytes);
  const minSwapBytes = minAvailableBytes(system.minFreeSwap, swapTotalBytes);
  const isLow = whyTooMuch(system, meminfo) === null && availableBytes < minBytes;
  // Swap is a way out while there is some of it, unless all that runs does is to wait for it.
  const isSwapLow = swapTotalBytes === 0 || swapFreeBytes < minSwapBytes;
  const roomBytes = Math.max(0, availableBytes - minBytes);
  return {
    isShort: isLow && (isSwapLow || readStall() >= Number.parseInt(system.maxStall, 10)),
    isNearlyGone: isLow && availableBytes < minBytes * LAST && swapFreeBytes <= minSwapBytes * LAST,
    roomBytes,
    leastMs: roomBytes / MEMORY_RATE + Math.max(0, swapFreeBytes - minSwapBytes) / SWAP_RATE,
  };
}

/** Why these settings are not gone by on this machine, or null. */
export function whyTooMuch({ minAvailable }: SystemSettings, { totalBytes }: Meminfo): string | null {
  // And nothing about a shortage either.
  if (totalBytes === 0) return "/proc/meminfo does not say how much memory there is";
  return minAvailableBytes(minAvailable, totalBytes) <= totalBytes * MOST
    ? null
    : `oom.system.min_available = ${minAvailable} is more than half of this machine's memory`;
}

/** After how long to look again, or null if somebody else sees to it in time. */
export function nextLookMs(
  { leastMs }: Pick<Assessment, "leastMs">,
  /** `isMoving`: memory is being used. `isHeard`: else the kernel says when it is. `tickMs`: we look anyway so often. */
  { isMoving, isHeard, tickMs }: { readonly isMoving: boolean; readonly isHeard: boolean; readonly tickMs: number },
): number | null {
  if (isHeard && !isMoving) return null;
  const waitMs = Math.max(leastMs, isMoving ? SHORTEST_POLL_MS : BLIND_POLL_MS);
  return waitMs < tickMs ? waitMs : null;
}
