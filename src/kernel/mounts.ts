import { type CgroupMount, parseCgroupMounts } from "./parse/mountinfo.ts";
import { readText } from "./read.ts";

/** Where the v1 memory controller is mounted, or null; a bind mount of a part only where there is no mount of all. */
export function findMemoryController(): string | null {
  const mounts = cgroupMounts().filter(({ version, controllers }) => version === 1 && controllers.includes("memory"));
  return (mounts.find(({ root }) => root === "/") ?? mounts[0])?.mountPoint ?? null;
}

/** Whether the unified hierarchy is mounted and has the memory controller. */
export function hasMemoryOnV2(): boolean {
  return cgroupMounts().some(
    (mount) =>
      mount.version === 2 &&
      readText(`${mount.mountPoint}/cgroup.controllers`)?.split(/\s/).includes("memory") === true,
  );
}

/** Every mount of a cgroup hierarchy that this process sees. */
export function cgroupMounts(): CgroupMount[] {
  return parseCgroupMounts(readText("/proc/self/mountinfo") ?? "");
}
