/** Raising the limits of a memcg by some amount, and whether it could do without. */
import {
  type LimitFile,
  readCacheBytes,
  readLimitBytes,
  readOomControl,
  readUsageBytes,
  writeLimitBytes,
} from "../kernel/memcg.ts";
import type { RaisedLimit } from "./loan-record.ts";

/** Lowered in this order, raised in the other: memory's limit is never above that of memory and swap. */
const LIMIT_FILES: readonly LimitFile[] = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"];
/** v1's word for no limit is the largest multiple of a page. */
const UNLIMITED_BYTES = 2 ** 62;
/** Room that the memcg must have below its old limit, or it would be out of memory again at once. */
const MARGIN_BYTES = 2 * 1024 * 1024;

/** What is to be raised by so much, in the order in which it is to be lowered. */
export function raisedBy(directory: string, bytes: number): RaisedLimit[] {
  return LIMIT_FILES.flatMap((file) => {
    const wasBytes = readLimitBytes(directory, file) ?? UNLIMITED_BYTES;
    return wasBytes >= UNLIMITED_BYTES ? [] : [{ file, wasBytes, raisedBytes: wasBytes + bytes }];
  });
}

/** Null, or why it could not be done; what is done in part is taken back like the rest. */
export function raise(directory: string, limits: readonly RaisedLimit[]): string | null {
  for (const { file, raisedBytes } of limits.toReversed()) {
    const error = writeLimitBytes(directory, file, raisedBytes);
    if (error !== null) return `cannot write ${file}: ${error}`;
  }
  return null;
}

/** Whether it would have room below its old limits, once the kernel has reclaimed what it can. */
export function getsAlong(directory: string, raised: readonly RaisedLimit[]): boolean {
  if (readOomControl(directory)?.underOom !== false) return false;
  const neededBytes = readUsageBytes(directory) - readCacheBytes(directory) + MARGIN_BYTES;
  return raised.every(({ wasBytes }) => neededBytes <= wasBytes);
}
