/** Who is whose child, and since when: what the inheritance of a badness stands on. */
import { readdirSync } from "node:fs";
import { uptime } from "node:os";
import { close } from "./libc.ts";
import { type ProcStatus, parseProcStatus } from "./parse/proc-status.ts";
import { readProcStat } from "./process.ts";
import { O_RDONLY, openPath, readText } from "./read.ts";

/** Identity of a process, and its parent. */
export interface Relative {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTime: number;
  readonly ppid: number;
}

/** USER_HZ: the kernel shows times in hundredths of a second wherever Node runs. */
const TICKS_A_SECOND = 100;

/** Null if the process is gone. */
export function readRelative(pid: number): Relative | null {
  return readProcStat(pid);
}

/** The children of a process, those that its threads made too; none if it is gone or the kernel keeps no such list. */
export function readChildren(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
      const text = readText(`/proc/${pid}/task/${tid}/children`);
      return text === null ? [] : text.split(" ").filter(Boolean).map(Number);
    });
  } catch {
    // Gone while we look, or nobody may.
    return [];
  }
}

/** Null if the process is gone. Waits for no memory, as cmdline would. */
export function readStatus(pid: number): ProcStatus | null {
  return parseProcStatus(readText(`/proc/${pid}/status`) ?? "");
}

/** The present moment as start times are counted. */
export function nowTicks(): number {
  return Math.floor(Math.round(uptime() * 1000) / (1000 / TICKS_A_SECOND));
}

/** Tells this boot from every other: a pid and a start time may come again after the next. */
export function readBootId(): string {
  return (readText("/proc/sys/kernel/random/boot_id") ?? "").trim();
}

/**
 * What `call` finds out about a process by its pid, or null if the process did not outlive the call: a descriptor held on
 * its directory in /proc means that very process for ever, so while it answers, nobody else can have had the pid.
 */
export function whileAlive<T>(pid: number, call: () => T): T | null {
  const directory = openPath(`/proc/${pid}`, O_RDONLY);
  if (directory < 0) return null;
  try {
    const result = call();
    return readText(`/proc/self/fd/${directory}/stat`) === null ? null : result;
  } finally {
    close(directory);
  }
}
