/** System calls that Node does not offer, through koffi. Nothing here throws: a negative result comes with `errno()`. */
import { constants } from "node:os";
import koffi, { type LibraryHandle } from "koffi";

export const library: LibraryHandle = koffi.load(null);

/** File descriptor, count or -1. */
type Result = number;

export const errno = (): number => koffi.errno();

const namesByErrno = new Map<number, string>();
for (const [name, value] of Object.entries(constants.errno)) {
  if (!namesByErrno.has(value)) namesByErrno.set(value, name);
}

/** `ENOENT` for 2, and so on; the number itself where it has no name. */
export function errnoName(value: number): string {
  return namesByErrno.get(value) ?? `errno ${value}`;
}

export const openat = library.func("openat", "int", ["int", "void *", "int"]) as (
  directoryFd: number,
  pathZ: string | Uint8Array,
  flags: number,
) => Result;
export const read = library.func("read", "long", ["int", "void *", "size_t"]) as (
  fd: number,
  buffer: Uint8Array,
  bytes: number,
) => Result;
export const pread = library.func("pread", "long", ["int", "void *", "size_t", "long"]) as (
  fd: number,
  buffer: Uint8Array,
  bytes: number,
  offset: number,
) => Result;
export const pwrite = library.func("pwrite", "long", ["int", "void *", "size_t", "long"]) as (
  fd: number,
  buffer: Uint8Array,
  bytes: number,
  offset: number,
) => Result;
export const write = library.func("write", "long", ["int", "void *", "size_t"]) as (
  fd: number,
  buffer: Uint8Array,
  bytes: number,
) => Result;
export const close = library.func("close", "int", ["int"]) as (fd: number) => Result;
export const eventfd = library.func("eventfd", "int", ["uint", "int"]) as (initial: number, flags: number) => Result;
export const pipe2 = library.func("pipe2", "int", ["void *", "int"]) as (fds: Int32Array, flags: number) => Result;
export const ioctl = library.func("ioctl", "int", ["int", "ulong", "void *"]) as (
  fd: number,
  request: number,
  argument: Int32Array,
) => Result;
export const flock = library.func("flock", "int", ["int", "int"]) as (fd: number, operation: number) => Result;
export const getsockopt = library.func("getsockopt", "int", ["int", "int", "int", "void *", "void *"]) as (
  fd: number,
  level: number,
  option: number,
  value: Uint8Array,
  length: Int32Array,
) => Result;
export const inotifyInit = library.func("inotify_init1", "int", ["int"]) as (flags: number) => Result;
export const inotifyAddWatch = library.func("inotify_add_watch", "int", ["int", "void *", "uint32"]) as (
  fd: number,
  pathZ: Uint8Array,
  mask: number,
) => Result;
export const inotifyRmWatch = library.func("inotify_rm_watch", "int", ["int", "int"]) as (
  fd: number,
  watch: number,
) => Result;

export const fgetxattr = library.func("fgetxattr", "long", ["int", "void *", "void *", "size_t"]) as (
  fd: number,
  nameZ: Uint8Array,
  value: Uint8Array,
  bytes: number,
) => Result;
export const fsetxattr = library.func("fsetxattr", "int", ["int", "void *", "void *", "size_t", "int"]) as (
  fd: number,
  nameZ: Uint8Array,
  value: Uint8Array,
  bytes: number,
  flags: number,
) => Result;
export const fremovexattr = library.func("fremovexattr", "int", ["int", "void *"]) as (
  fd: number,
  nameZ: Uint8Array,
) => Result;

// The numbers of system calls from 424 on are the same on every architecture, and older libcs have no wrapper for them.
const syscall3 = library.func("syscall", "long", ["long", "int", "uint"]);
const syscall5 = library.func("syscall", "long", ["long", "int", "int", "void *", "uint"]);

/** pidfd_open(2) */
export const pidfdOpen = (pid: number): Result => syscall3(434, pid, 0) as Result;
/** pidfd_send_signal(2) */
export const pidfdSendSignal = (pidfd: number, signal: number): Result =>
  syscall5(424, pidfd, signal, null, 0) as Result;
/** sched_setscheduler(2); `priority` is a struct sched_param. */
export const schedSetscheduler = library.func("sched_setscheduler", "int", ["int", "int", "void *"]) as (
  pid: number,
  policy: number,
  priority: Int32Array,
) => Result;
/** process_mrelease(2) */
export const processMrelease = (pidfd: number): Result => syscall3(448, pidfd, 0) as Result;
/** process_mrelease(2) on a thread of the pool: it may wait for the victim's mmap_lock. */
export function processMreleaseAsync(pidfd: number, done: (result: Result) => void): void {
  syscall3.async(448, pidfd, 0, (_error: unknown, result: Result) => done(result));
}
