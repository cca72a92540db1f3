import { KernelError } from "../kernel/kernel-error.ts";
import { close } from "../kernel/libc.ts";
import { openOomControl, writeKillDisable } from "../kernel/memcg.ts";
import { readDescriptorLimit } from "../kernel/process.ts";
import { statDirectory } from "../kernel/read.ts";

/** An OOM is handled with descriptors too: to read with, and of those who are struck. */
const SPARE_DESCRIPTORS = 96;

/** What a descriptor that is kept must stay below: the kernel gives the lowest number that is free. */
export function keptBelow(): number {
  return readDescriptorLimit() - SPARE_DESCRIPTORS;
}

/**
 * A descriptor of memory.oom_control to be kept, or null if the memcg is gone, or another one by this name has taken
 * its place. Throws where it cannot be had.
 */
export function openToKeep(directory: string, ino: bigint, below: number): number | null {
  try {
    const fd = openOomControl(directory);
    const isIt = statDirectory(directory)?.ino === ino;
    if (isIt && fd < below) return fd;
    close(fd);
    if (!isIt) return null;
  } catch (error) {
    if (error instanceof KernelError && ["ENOENT", "ENODEV"].includes(error.code)) return null;
    throw error;
  }
  throw new Error("too few descriptors, raise LimitNOFILE");
}

/** Lets the kernel's killer loose in a memcg that is not held: null, or why that cannot be done. */
export function giveBack(directory: string): string | null {
  try {
    const fd = openOomControl(directory);
    const error = writeKillDisable(fd, false);
    close(fd);
    return error;
  } catch (error) {
    return (error as Error).message;
  }
}
