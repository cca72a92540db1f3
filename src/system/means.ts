import { readCapabilities } from "../kernel/process.ts";
import { accessError } from "../kernel/read.ts";

/** Why a system-wide OOM cannot be handled by us on this machine, or null. `mountPoint`: of the memory controller. */
export function whyNotHere(mountPoint: string): string | null {
  // The kernel has this file in the root memcg alone: elsewhere we see a part of who uses the machine's memory.
  if (accessError(`${mountPoint}/release_agent`, "read") !== null) return `${mountPoint} is not the root memcg`;
  return readCapabilities().has("CAP_KILL") ? null : "it takes CAP_KILL";
}
