/** The pids controller's limit, as a switch: with `pids.max` 0 nobody in a cgroup can fork. */
import { close, errno, errnoName, pwrite } from "./libc.ts";
import { cgroupMounts } from "./mounts.ts";
import { O_RDWR, openPath, readTextFd } from "./read.ts";

/** A limit that was shut. */
export interface ShutLimit {
  /** Puts the previous value back: null, or the name of the error. Once the cgroup is gone there is nothing to put back. */
  reopen(): string | null;
}

/**
 * Shuts the limit of the cgroup that has the same path with the pids controller as `path` has at `mountPoint`. Null
 * where there is no such cgroup, we may not write it, or somebody has shut it before us and will reopen it.
 */
export function shutPidsLimit(mountPoint: string, path: string): ShutLimit | null {
  for (const directory of sameCgroup(mountPoint, path)) {
    const fd = openPath(`${directory}/pids.max`, O_RDWR);
    if (fd < 0) continue;
    const previous = readTextFd(fd)?.trim();
    if (previous !== undefined && previous !== "0" && put(fd, "0") === null)
      return { reopen: () => finish(fd, previous) };
    close(fd);
  }
  return null;
}

/** v2 lists its controllers in a file of each cgroup: where it has no pids, there is no `pids.max`. */
function sameCgroup(mountPoint: string, path: string): string[] {
  const mounts = cgroupMounts();
  // A mount of another part of its hierarchy gives the same path to another cgroup.
  const root = mounts.find((mount) => mount.mountPoint === mountPoint)?.root;
  return mounts
    .filter((mount) => mount.root === root && (mount.version === 2 || mount.controllers.includes("pids")))
    .map((mount) => mount.mountPoint + path);
}

function finish(fd: number, previous: string): string | null {
  const error = put(fd, previous);
  close(fd);
  return error === "ENODEV" ? null : error;
}

function put(fd: number, text: string): string | null {
  const bytes = Buffer.from(text);
  return pwrite(fd, bytes, bytes.length, 0) < 0 ? errnoName(errno()) : null;
}
