import { parseMeminfo } from "./parse/meminfo.ts";
import { readText } from "./read.ts";

/** The machine's memory, bytes. */
export interface Meminfo {
  readonly totalBytes: number;
  /** What could be had without swapping: the kernel's own estimate. */
  readonly availableBytes: number;
}

/** From /proc/meminfo; all zeros where it says nothing, so that nobody takes what may not be there. */
export function readMeminfo(): Meminfo {
  const text = readText("/proc/meminfo") ?? "";
  return { totalBytes: parseMeminfo(text, "MemTotal"), availableBytes: parseMeminfo(text, "MemAvailable") };
}
