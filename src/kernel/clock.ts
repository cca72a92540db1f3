/** Milliseconds on the monotonic clock: a wall clock that jumps moves no deadline. */
export const nowMs = (): number => performance.now();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
