/** Waiting for those who were struck to be gone. */
import { close } from "../kernel/libc.ts";
import { hurry, releaseMemory, releaseMemoryAside } from "../kernel/pidfd.ts";
import { watchReadable } from "../kernel/poll.ts";
import { RELEASED_AT_ONCE_BYTES, type Struck } from "./kill.ts";

/** Resolves to those who are not gone after `timeoutMs`. Closes the pidfds. */
export async function awaitDeath(struck: readonly Struck[], timeoutMs: number): Promise<readonly Struck[]> {
  const gone = await Promise.all(struck.map(({ pidfd }) => isReadableWithin(pidfd, timeoutMs)));
  for (const { pidfd } of struck) close(pidfd);
  return struck.filter((_, index) => gone[index] !== true);
}

/**
 * Helps the struck to die sooner: at once as far as it takes a moment only, and on another thread beyond that. Whoever
 * was helped already is left alone: a second look at its memory holds its own exit up.
 */
export function hasten(struck: readonly Struck[]): void {
  let budgetBytes = RELEASED_AT_ONCE_BYTES;
  for (const { task, pidfd, isReleased } of struck) {
    hurry(task.pid);
    if (isReleased) continue;
    budgetBytes -= task.rssBytes;
    if (budgetBytes >= 0) releaseMemory(pidfd);
    else releaseMemoryAside(task.pid);
  }
}

/** A pidfd is readable once its process is gone. */
function isReadableWithin(fd: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isReadable: boolean) => {
      clearTimeout(timer);
      watch.stop();
      resolve(isReadable);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    const watch = watchReadable(fd, () => finish(true));
  });
}
