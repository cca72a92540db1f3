import type { SystemSettings } from "../config/types.ts";
import { readMeminfo } from "../kernel/meminfo.ts";
import { readCapabilities } from "../kernel/process.ts";
import { accessError } from "../kernel/read.ts";
import { whyTooMuch } from "./limits.ts";

/** Why a system-wide OOM cannot be handled by us on this machine, or null. `mountPoint`: of the memory controller. */
export function whyNotHere(mountPoint: string, system: SystemSettings, proc?: string): string | null {
  // The kernel has this file in the root memcg alone: elsewhere we see a part of who uses the machine's memory.
  if (accessError(`${mountPoint}/release_agent`, "read") !== null) return `${mountPoint} is not the root memcg`;
  if (!readCapabilities().has("CAP_KILL")) return "it takes CAP_KILL";
  return whyTooMuch(system, readMeminfo(proc));
}

/** What is said then. */
export function leftToKernel(why: string): string {
  return `a system-wide OOM is left to the kernel: ${why}`;
}
