/** Pressure stall information (PSI): how long tasks stood still for want of memory. */
import { close, errno, errnoName, write } from "./libc.ts";
import { parsePressure } from "./parse/accounts.ts";
import { O_RDWR, openPath, readText } from "./read.ts";

const O_NONBLOCK = 0o4000;

/** Per cent of the last ten seconds in which nobody got anything done for want of memory; 0 where it does not say. */
export function readFullStall(proc = "/proc"): number {
  try {
    return parsePressure(readText(fileIn(proc)) ?? "")?.avg10 ?? 0;
  } catch {
    // Turned off at boot it is there, and cannot be read.
    return 0;
  }
}

/**
 * A descriptor for watchUrgent that reports when some task has stood still for `stallMs` within `windowMs`, at most once
 * in that time; or the name of the error. Without CAP_SYS_RESOURCE only windows of whole multiples of 2 s are taken, and
 * before Linux 6.4 none.
 */
export function openStallTrigger(
  stallMs: number,
  windowMs: number,
  proc = "/proc",
): { readonly fd: number } | { readonly error: string } {
  const fd = openPath(fileIn(proc), O_RDWR | O_NONBLOCK);
  if (fd < 0) return { error: errnoName(errno()) };
  // The kernel drops the last byte, whatever it is.
  const trigger = Buffer.from(`some ${stallMs * 1000} ${windowMs * 1000}\0`);
  if (write(fd, trigger, trigger.length) >= 0) return { fd };
  const error = errnoName(errno());
  close(fd);
  return { error };
}

function fileIn(proc: string): string {
  return `${proc}/pressure/memory`;
}
