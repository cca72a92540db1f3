/** The freezer controller of cgroup v1: its tasks do not even die before they are thawed. */
import { cgroupMounts } from "./mounts.ts";
import { parseCgroupPath } from "./parse/proc-cgroup.ts";
import { readText } from "./read.ts";

/** Directory of the freezer cgroup that holds a process still, or null. */
export function frozenBy(pid: number): string | null {
  const mount = cgroupMounts().find(({ controllers }) => controllers.includes("freezer"));
  const path = parseCgroupPath(readText(`/proc/${pid}/cgroup`) ?? "", "freezer");
  if (mount === undefined || path === null || path === "/") return null;
  const directory = mount.mountPoint + path;
  const state = readText(`${directory}/freezer.state`)?.trim() ?? "THAWED";
  return state === "THAWED" ? null : directory;
}
