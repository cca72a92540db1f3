import { KernelError } from "../kernel/kernel-error.ts";
import { close } from "../kernel/libc.ts";
import { openOomControl } from "../kernel/memcg.ts";
import { readDescriptorLimit } from "../kernel/process.ts";

/** An OOM is handled with descriptors too: to read with, and of those who are struck. */
const SPARE_DESCRIPTORS = 96;
/** The kernel gives the lowest number that is free, so a number tells how many are taken. */
let highestFd: number | undefined;

/** A descriptor of memory.oom_control to be kept, or null if the memcg is gone. Throws where it cannot be had. */
export function openToKeep(directory: string): number | null {
  highestFd ??= readDescriptorLimit() - SPARE_DESCRIPTORS;
  try {
    const fd = openOomControl(directory);
    if (fd < highestFd) return fd;
    close(fd);
  } catch (error) {
    if (error instanceof KernelError && ["ENOENT", "ENODEV"].includes(error.code)) return null;
    throw error;
  }
  throw new Error("too few descriptors, raise LimitNOFILE");
}
