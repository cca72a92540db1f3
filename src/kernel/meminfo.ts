import { parseKibibytes } from "./parse/kibibytes.ts";
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
  const bytes = (key: string) => parseKibibytes(text, key) ?? 0;
  return { totalBytes: bytes("MemTotal"), availableBytes: bytes("MemAvailable") };
}
