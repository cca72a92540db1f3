import { uptime } from "node:os";

/** Milliseconds on the monotonic clock: a wall clock that jumps moves no deadline. */
export const nowMs = (): number => performance.now();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of clock ticks after boot, as the kernel prints times: USER_HZ is 100 everywhere. */
const TICK_MS = 10;

/** When processes were started, on the clock of `nowMs`, to some 10 ms. */
export function startsMs(startTimes: readonly number[]): number[] {
  const bootMs = nowMs() - uptime() * 1000;
  return startTimes.map((startTime) => bootMs + startTime * TICK_MS);
}
