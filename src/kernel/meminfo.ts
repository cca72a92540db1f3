/** The memory of the whole machine. */
import { orThrow } from "./kernel-error.ts";
import { parseKibibytes } from "./parse/kibibytes.ts";
import { parseKey } from "./parse/memory-stat.ts";
import { O_RDONLY, openPath, readText, readTextFd } from "./read.ts";

/** The machine's memory, bytes. */
export interface Meminfo {
  readonly totalBytes: number;
  /** What could be had without swapping: the kernel's own estimate. */
  readonly availableBytes: number;
  /** 0 where there is no swap. */
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** From /proc/meminfo; all zeros where it says nothing, so that nobody takes what may not be there. */
export function readMeminfo(proc = "/proc"): Meminfo {
  return parseMeminfo(readMeminfoText(proc));
}

/** Opens meminfo, to be kept: it can be read then with no descriptor left. Throws KernelError. */
export function openMeminfo(proc = "/proc"): number {
  return orThrow(openPath(`${proc}/meminfo`, O_RDONLY), `cannot open ${proc}/meminfo`);
}

/** Through a kept descriptor, always fresh; all zeros where it says nothing. */
export function readMeminfoFd(fd: number): Meminfo {
  return parseMeminfo(fd < 0 ? "" : (readTextFd(fd) ?? ""));
}

/** As the kernel prints it. */
export function readMeminfoText(proc = "/proc"): string {
  return readText(`${proc}/meminfo`) ?? "";
}

/** Processes that the kernel's killer has killed since boot, for whatever reason; 0 on kernels that do not count them. */
export function readKernelKills(proc = "/proc"): number {
  return parseKey(readText(`${proc}/vmstat`) ?? "", "oom_kill") ?? 0;
}

function parseMeminfo(text: string): Meminfo {
  const bytes = (key: string) => parseKibibytes(text, key) ?? 0;
  return {
    totalBytes: bytes("MemTotal"),
    availableBytes: bytes("MemAvailable"),
    swapTotalBytes: bytes("SwapTotal"),
    swapFreeBytes: bytes("SwapFree"),
  };
}
