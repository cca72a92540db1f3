import { uptime } from "node:os";

/** Milliseconds on the monotonic clock: a wall clock that jumps moves no deadline. */
export const nowMs = (): number => performance.now();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of clock ticks after boot, as the kernel prints times: USER_HZ is 100 everywhere. */
const TICK_MS = 10;

/** Milliseconds after boot, a suspended machine's too, to 10 ms: the clock by which the kernel dates a start. */
export const bootMs = (): number => Math.round(uptime() * 1000);

/** When a process was started, by the clock of `bootMs`. */
export const startedMs = (startTime: number): number => startTime * TICK_MS;
