import { constants, setPriority } from "node:os";
import { KernelError } from "./kernel-error.ts";
import {
  close,
  errno,
  errnoName,
  pidfdOpen,
  pidfdSendSignal,
  processMrelease,
  processMreleaseAsync,
  schedSetscheduler,
} from "./libc.ts";

const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const LOWEST_FIFO = Int32Array.of(1);
const NO_PRIORITY = Int32Array.of(0);

/** A pidfd, or null if the process is gone. Throws KernelError, as EMFILE. */
export function openPidfd(pid: number): number | null {
  const fd = pidfdOpen(pid);
  if (fd >= 0) return fd;
  if (errno() === constants.errno.ESRCH) return null;
  throw new KernelError(`cannot open a pidfd of ${pid}`);
}

/** SIGKILL: null, or the name of the error, as EPERM or ESRCH. */
export function sigkill(pidfd: number): string | null {
  return pidfdSendSignal(pidfd, constants.signals.SIGKILL) < 0 ? errnoName(errno()) : null;
}

/**
 * SIGKILL, and its memory freed from here too while the process is on its way out: that halves the time on two
 * processors, and only works in the moment between the signal and the victim's letting go of its memory.
 */
export function sigkillAndRelease(pidfd: number): string | null {
  // The victim wakes up, often on our own processor, and would run before we come back from the signal.
  schedSetscheduler(0, SCHED_FIFO, LOWEST_FIFO);
  const error = sigkill(pidfd);
  if (error === null) processMrelease(pidfd);
  schedSetscheduler(0, SCHED_OTHER, NO_PRIORITY);
  return error;
}

/** Frees the memory of a process that is being killed, before it gets so far itself; goes on while there is any. */
export function releaseMemory(pidfd: number): void {
  processMrelease(pidfd);
}

/** The same on another thread. What comes of it is no concern of ours. */
export function releaseMemoryAside(pid: number): void {
  const pidfd = pidfdOpen(pid);
  if (pidfd >= 0) processMreleaseAsync(pidfd, () => close(pidfd));
}

/** Gives a dying process all the time it can get: it dies sooner on a busy machine. */
export function hurry(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Gone already, or we lack CAP_SYS_NICE: it dies at its own pace.
  }
}
