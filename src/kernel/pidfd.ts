import { constants, setPriority } from "node:os";
import { KernelError } from "./kernel-error.ts";
import { close, errno, errnoName, pidfdOpen, pidfdSendSignal, processMrelease, processMreleaseAsync } from "./libc.ts";

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
  if (pidfdSendSignal(pidfd, constants.signals.SIGKILL) < 0) return errnoName(errno());
  processMrelease(pidfd);
  return null;
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
