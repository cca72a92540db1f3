/** The control files of a cgroup v1 memcg. Paths of directories are absolute here. */
import { orThrow } from "./kernel-error.ts";
import { close, errno, errnoName, pwrite } from "./libc.ts";
import { parseKey, parseReclaimableCache } from "./parse/memory-stat.ts";
import { parseNumber, parsePids } from "./parse/numbers.ts";
import { type OomControl, parseOomControl } from "./parse/oom-control.ts";
import { toBytesZ } from "./path.ts";
import { O_RDONLY, O_RDWR, O_WRONLY, openPath, readNumber, readText, readTextFd } from "./read.ts";

/** Opens memory.oom_control for reading and writing, to be kept. Throws KernelError, as EMFILE or EACCES. */
export function openOomControl(directory: string): number {
  return orThrow(openPath(`${directory}/memory.oom_control`, O_RDWR), `cannot open ${directory}/memory.oom_control`);
}

/** Through a kept descriptor: always fresh, never a path that means another memcg by now. Null once it is removed. */
export function readOomControlFd(fd: number): OomControl | null {
  const text = fd < 0 ? null : readTextFd(fd);
  return text === null ? null : parseOomControl(text);
}

export function readOomControl(directory: string): OomControl | null {
  const text = readText(`${directory}/memory.oom_control`);
  return text === null ? null : parseOomControl(text);
}

/** Writes oom_kill_disable: null, or the name of the error. */
export function writeKillDisable(fd: number, disable: boolean): string | null {
  return writeTo(fd, disable ? "1" : "0");
}

/**
 * Makes `eventFd` signal every OOM of the memcg that `controlFd` belongs to; or, with another control file of a memcg
 * and its arguments, what that file has to tell. Null, or the name of the error.
 */
export function registerEvent(eventControl: string, eventFd: number, controlFd: number, args = ""): string | null {
  const fd = openPath(eventControl, O_WRONLY);
  if (fd < 0) return errnoName(errno());
  const error = writeTo(fd, `${eventFd} ${controlFd}${args}`);
  close(fd);
  return error;
}

/**
 * Makes `eventFd` signal whenever this very memcg, at its limit, has to look through an eighth of its memory and more
 * for something to reclaim: null, or the name of the error. Nothing stays open for it.
 */
export function registerCriticalReclaim(directory: string, eventFd: number): string | null {
  return registerFile(directory, "memory.pressure_level", eventFd, " critical,local");
}

/**
 * Makes `eventFd` signal for every 2 MiB or so that are looked through for something to reclaim, for want of memory in
 * this very memcg, or on the machine in the root's: null, or the name of the error.
 */
export function registerReclaim(directory: string, eventFd: number): string | null {
  return registerFile(directory, "memory.pressure_level", eventFd, " low,local");
}

/**
 * Makes `eventFd` signal whenever the usage crosses so many bytes, up or down: null, or the name of the error. The kernel
 * takes some 10 ms for it.
 */
export function registerUsageThreshold(directory: string, eventFd: number, bytes: number): string | null {
  return registerFile(directory, "memory.usage_in_bytes", eventFd, ` ${Math.floor(bytes)}`);
}

function registerFile(directory: string, file: string, eventFd: number, args: string): string | null {
  const fd = openPath(`${directory}/${file}`, O_RDONLY);
  if (fd < 0) return errnoName(errno());
  const error = registerEvent(`${directory}/cgroup.event_control`, eventFd, fd, args);
  close(fd);
  return error;
}

/**
 * Pids of the processes that have a thread in this very memcg; null once it is removed. One whose leader is elsewhere is
 * not of this memcg: see residents.ts.
 */
export function readPids(directory: string): number[] | null {
  const text = readText(`${directory}/cgroup.procs`);
  return text === null ? null : parsePids(text);
}

/** Ids of the threads in this very memcg, zombies left out; null once it is removed. */
export function readThreadIds(directory: string): number[] | null {
  const text = readText(`${directory}/tasks`);
  return text === null ? null : parsePids(text);
}

/** `total_rss` and `total_cache` of memory.stat: anonymous memory, and page cache with tmpfs, of the whole subtree. */
export function readSizes(directory: string): { readonly rssBytes: number; readonly cacheBytes: number } {
  const stat = readMemoryStat(directory);
  return { rssBytes: parseKey(stat, "total_rss") ?? 0, cacheBytes: parseKey(stat, "total_cache") ?? 0 };
}

/** What memory.stat says of the pages of this very memcg, of any size. */
export interface Pages {
  /** `pgpgout`: how many were given back so far. */
  readonly givenBack: number;
  /** 0..1: how much of the anonymous memory is in huge ones. */
  readonly hugeShare: number;
}

export function readPages(directory: string): Pages {
  const stat = readMemoryStat(directory);
  const rssBytes = parseKey(stat, "rss") ?? 0;
  const hugeBytes = parseKey(stat, "rss_huge") ?? 0;
  return { givenBack: parseKey(stat, "pgpgout") ?? 0, hugeShare: rssBytes > 0 ? Math.min(1, hugeBytes / rssBytes) : 0 };
}

/** memory.kmem.usage_in_bytes: what of the usage the kernel itself has; 0 where it is not accounted. */
export function readKmemBytes(directory: string): number {
  return parseNumber(readText(`${directory}/memory.kmem.usage_in_bytes`) ?? "") ?? 0;
}

/** memory.usage_in_bytes: everything that is charged to the subtree; 0 once it is removed. */
export function readUsageBytes(directory: string): number {
  return readUsage(usagePath(directory));
}

/** The same, of a path that was spelled before: see usage-paths.ts. */
export function readUsage(pathZ: Uint8Array): number {
  return readNumber(pathZ) ?? 0;
}

/** What `readUsage` takes for the memcg in `directory`. */
export function usagePath(directory: string): Uint8Array {
  return toBytesZ(`${directory}/memory.usage_in_bytes`);
}

export interface Fill {
  readonly usageBytes: number;
  readonly limitBytes: number;
}

/** Usage against the limit of memory; with swap accounted, `readSwapFill` has the other limit that can bite. */
export function readFill(directory: string): Fill {
  return fillOf(directory, "memory");
}

/** Usage against the limit of memory and swap together; never full on kernels that do not account swap. */
export function readSwapFill(directory: string): Fill {
  return fillOf(directory, "memory.memsw");
}

/** The files that hold a memcg's limits. Never lower memory's above that of memory and swap, nor that below memory's. */
export type LimitFile = "memory.limit_in_bytes" | "memory.memsw.limit_in_bytes";

/** Null where there is none: the memcg is gone, or the kernel does not account swap. */
export function readLimitBytes(directory: string, file: LimitFile): number | null {
  return parseNumber(readText(`${directory}/${file}`) ?? "");
}

/** Null, or the name of the error. A lower one than the usage has the kernel reclaim first, which may take its time. */
export function writeLimitBytes(directory: string, file: LimitFile, bytes: number): string | null {
  const fd = openPath(`${directory}/${file}`, O_WRONLY);
  if (fd < 0) return errnoName(errno());
  const error = writeTo(fd, `${bytes}`);
  close(fd);
  return error;
}

/** What the kernel could reclaim of the cache; see parseReclaimableCache. */
export function readCacheBytes(directory: string): number {
  return parseReclaimableCache(readMemoryStat(directory));
}

/** memory.failcnt and memory.memsw.failcnt: how often a charge met the limit, also if reclaim then made room for it. */
export function readFailures(directory: string): { readonly memory: number; readonly swap: number } {
  const read = (file: string) => parseNumber(readText(`${directory}/${file}`) ?? "") ?? 0;
  return { memory: read("memory.failcnt"), swap: read("memory.memsw.failcnt") };
}

/** memory.stat as the kernel prints it. */
export function readMemoryStat(directory: string): string {
  return readText(`${directory}/memory.stat`) ?? "";
}

function fillOf(directory: string, prefix: string): Fill {
  const usageBytes = parseNumber(readText(`${directory}/${prefix}.usage_in_bytes`) ?? "");
  const limitBytes = parseNumber(readText(`${directory}/${prefix}.limit_in_bytes`) ?? "");
  return { usageBytes: usageBytes ?? 0, limitBytes: limitBytes ?? Number.POSITIVE_INFINITY };
}

function writeTo(fd: number, text: string): string | null {
  const bytes = Buffer.from(text);
  return pwrite(fd, bytes, bytes.length, 0) < 0 ? errnoName(errno()) : null;
}
