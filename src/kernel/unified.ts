/** Cgroups of the unified hierarchy (v2), as far as all of one can be frozen and killed together. */
import { close, errno, errnoName, write } from "./libc.ts";
import { readPids } from "./memcg.ts";
import { cgroupMounts } from "./mounts.ts";
import { parseKey } from "./parse/memory-stat.ts";
import { parseCgroupPath } from "./parse/proc-cgroup.ts";
import { listDirectories, O_WRONLY, openPath, readText } from "./read.ts";

/** Directory of the v2 cgroup of a process; null if it is gone, in the root, which cannot be killed, or there is no v2. */
export function unifiedDirectory(pid: number): string | null {
  const mount = cgroupMounts().find(({ version, root }) => version === 2 && root === "/");
  // Its line has no controllers: `0::/path`.
  const path = parseCgroupPath(readText(`/proc/${pid}/cgroup`) ?? "", "");
  return mount === undefined || path === null || path === "/" ? null : mount.mountPoint + path;
}

/** Pids of every process of a v2 cgroup, in all its levels. */
export function readUnifiedPids(directory: string): number[] {
  const pids: number[] = [];
  const pending = [directory];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    pids.push(...(readPids(next) ?? []));
    for (const name of listDirectories(next) ?? []) pending.push(`${next}/${name}`);
  }
  return pids;
}

/** `cgroup.freeze`: 1 stops all of it, newcomers too; SIGKILL works none the less. Null, or the name of the error. */
export function freezeUnified(directory: string, frozen: boolean): string | null {
  return writeFile(`${directory}/cgroup.freeze`, frozen ? "1" : "0");
}

/** Whether somebody has asked for it to be frozen. */
export function isFreezeAsked(directory: string): boolean {
  return readText(`${directory}/cgroup.freeze`)?.trim() === "1";
}

/** Whether all of it stands still. */
export function isFrozen(directory: string): boolean {
  return parseKey(readText(`${directory}/cgroup.events`) ?? "", "frozen") === 1;
}

/** `cgroup.kill`: SIGKILL to every process of it, and to what they fork meanwhile. Null, or the name of the error. */
export function killUnified(directory: string): string | null {
  return writeFile(`${directory}/cgroup.kill`, "1");
}

function writeFile(path: string, text: string): string | null {
  const fd = openPath(path, O_WRONLY);
  if (fd < 0) return errnoName(errno());
  const bytes = Buffer.from(text);
  const error = write(fd, bytes, bytes.length) < 0 ? errnoName(errno()) : null;
  close(fd);
  return error;
}
