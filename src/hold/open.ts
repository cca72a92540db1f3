import { KernelError } from "../kernel/kernel-error.ts";
import { close } from "../kernel/libc.ts";
import { openOomControl } from "../kernel/memcg.ts";
import { readDescriptorLimit } from "../kernel/process.ts";

/** An OOM is handled with descriptors too: to read with, and of those who are struck. */
const SPARE_DESCRIPTORS = 96;

/** What a descriptor that is kept must stay below: the kernel gives the lowest number that is free. */
export function keptBelow(): number {
  return readDescriptorLimit() - SPARE_DESCRIPTORS;
}

/** A descriptor of memory.oom_control to be kept, or null if the memcg is gone. Throws where it cannot be had. */
export function openToKeep(directory: string, below: number): number | null {
  try {
    const fd = openOomControl(directory);
    if (fd < below) return fd;
    close(fd);
  } catch (error) {
    if (error instanceof KernelError && ["ENOENT", "ENODEV"].includes(error.code)) return null;
    throw error;
  }
  throw new Error("too few descriptors, raise LimitNOFILE");
}
