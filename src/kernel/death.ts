/** How a process ended that is no child of ours. */
import { ioctl } from "./libc.ts";
import { readText } from "./read.ts";

/** ioctl(PIDFD_GET_INFO) on a struct pidfd_info of its first size; Linux 6.15 and later tell of the exit. */
const PIDFD_GET_INFO = 0xc040_ff0b;
const PIDFD_INFO_EXIT = 8;
const INFO_WORDS = 16;
/** Fields of /proc/PID/stat behind the name: the state is the first of them. */
const START_TIME = 19;
const EXIT_CODE = 49;
/** The low bits of a wait status; 0 where the process ended by itself. */
const SIGNAL_MASK = 0x7f;

/** The signal that a process which is gone died of, 0 if it ended by itself, null where the kernel does not say. */
export function endedBySignal(pidfd: number, pid: number, startTime: number): number | null {
  const status = statusOfZombie(pid, startTime) ?? statusOfReaped(pidfd);
  return status === null ? null : status & SIGNAL_MASK;
}

/** Before its parent has taken notice. The kernel shows 0 to those who may not look, so 0 says nothing. */
function statusOfZombie(pid: number, startTime: number): number | null {
  const text = readText(`/proc/${pid}/stat`) ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields[0] !== "Z" || Number(fields[START_TIME]) !== startTime) return null;
  const status = Number(fields[EXIT_CODE]);
  return status === 0 && process.geteuid?.() !== 0 ? null : status;
}

function statusOfReaped(pidfd: number): number | null {
  const info = new Int32Array(INFO_WORDS);
  info[0] = PIDFD_INFO_EXIT;
  if (ioctl(pidfd, PIDFD_GET_INFO, info) < 0 || ((info[0] ?? 0) & PIDFD_INFO_EXIT) === 0) return null;
  return info[INFO_WORDS - 1] ?? null;
}
