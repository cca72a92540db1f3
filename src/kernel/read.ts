/** Reading the small text files of cgroupfs and procfs. What is gone while we look is `null`, never an exception. */
import { readdirSync, statSync } from "node:fs";
import { constants } from "node:os";
import { KernelError } from "./kernel-error.ts";
import { close, errno, errnoName, openat, pread, read } from "./libc.ts";
import { forNode, fromBytes, toBytes, toBytesZ } from "./path.ts";

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
/** Linux takes no longer path in one call. */
const PATH_MAX = 4096;

const GONE = new Set([constants.errno.ENOENT, constants.errno.ESRCH, constants.errno.ENODEV, constants.errno.ENOTDIR]);

/**
 * The kernel prints its files into a page at a time, a record or a line at once: what comes in less than half a page is
 * the end, and needs no second read to say so.
 */
const SURELY_LAST_BYTES = 2048;

let buffer = Buffer.allocUnsafe(16_384);

/** The whole text of a file, or null if it is gone. Throws KernelError on anything else. */
export function readText(path: string): string | null {
  const fd = openPath(path, O_RDONLY);
  if (fd < 0) return nullIfGone(path);
  try {
    let length = 0;
    for (;;) {
      const rest = length === 0 ? buffer : buffer.subarray(length);
      const count = read(fd, rest, rest.length);
      if (count < 0) return nullIfGone(path);
      length += count;
      if (count < SURELY_LAST_BYTES) return decode(length);
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(length)]);
    }
  } finally {
    close(fd);
  }
}

/** The text behind a kept-open descriptor of a file of less than 16 KiB, from its beginning, or null if it is gone. */
export function readTextFd(fd: number): string | null {
  const count = pread(fd, buffer, buffer.length, 0);
  return count < 0 ? nullIfGone(`fd ${fd}`) : decode(count);
}

/** A file that holds one number that is not negative, and nothing else, by its path in bytes with a NUL behind it. */
export function readNumber(pathZ: Uint8Array): number | null {
  const fd = openBytes(pathZ, O_RDONLY);
  const count = fd < 0 ? fd : read(fd, buffer, buffer.length);
  if (fd >= 0) close(fd);
  if (count < 0) return nullIfGone(fromBytes(pathZ));
  let value = 0;
  for (let at = 0; at < count; at++) {
    const digit = (buffer[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

/** A descriptor that means a directory whatever becomes of its name, and opens nothing; -1 leaves the reason in `errno()`. */
export function openDirectory(path: string): number {
  return openPath(path, O_PATH | O_DIRECTORY);
}

/** Opens a path of any length; -1 leaves the reason in `errno()`. */
export function openPath(path: string, flags: number): number {
  return openBytes(toBytesZ(path), flags);
}

function openBytes(pathZ: Uint8Array, flags: number): number {
  if (pathZ.length <= PATH_MAX) return openat(AT_FDCWD, pathZ, flags | O_CLOEXEC);
  return openLong(Buffer.from(pathZ.subarray(0, -1)), flags | O_CLOEXEC);
}

/** Goes down a path that may be longer than PATH_MAX in pieces. */
function openLong(path: Buffer, flags: number): number {
  let at = AT_FDCWD;
  let rest = path;
  while (rest.length >= PATH_MAX) {
    const cut = rest.lastIndexOf(0x2f, PATH_MAX - 2);
    const next = openat(at, Buffer.concat([rest.subarray(0, cut), Buffer.of(0)]), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at >= 0) close(at);
    if (next < 0) return -1;
    at = next;
    rest = rest.subarray(cut + 1);
  }
  const fd = openat(at, Buffer.concat([rest, Buffer.of(0)]), flags);
  if (at >= 0) close(at);
  return fd;
}

/** The names in a directory that are directories themselves, or null if it is gone, or hidden from us. */
export function listDirectories(path: string): string[] | null {
  return withShortName(path, (name) => {
    const entries = readdirSync(name, { withFileTypes: true, encoding: "buffer" });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => fromBytes(entry.name));
  });
}

/** What tells directories apart for as long as they live, and whether there are others inside. */
export interface DirectoryFacts {
  readonly ino: bigint;
  /** User id of the owner. */
  readonly uid: number;
  readonly hasDirectories: boolean;
}

/** Facts of a directory, or null if it is gone, or hidden from us. */
export function statDirectory(path: string): DirectoryFacts | null {
  return withShortName(path, (name) => {
    const facts = statSync(name, { bigint: true });
    // kernfs counts two links and one more for every directory inside; a file system that counts none says 1.
    return { ino: facts.ino, uid: Number(facts.uid), hasDirectories: facts.nlink !== 2n };
  });
}

/** Calls with a name that `node:fs` takes, by way of an open descriptor where the path is too long. */
export function withShortName<T>(path: string, call: (name: string | Buffer) => T): T | null {
  const isLong = path.length >= PATH_MAX / 3 && toBytes(path).length >= PATH_MAX;
  const fd = isLong ? openDirectory(path) : -1;
  if (isLong && fd < 0) return null;
  try {
    return call(isLong ? `/proc/self/fd/${fd}` : forNode(path));
  } catch (error) {
    const { errno: value = 0 } = error as NodeJS.ErrnoException;
    if (GONE.has(-value) || -value === constants.errno.EACCES) return null;
    throw error;
  } finally {
    if (fd >= 0) close(fd);
  }
}

function decode(length: number): string {
  return fromBytes(buffer.subarray(0, length));
}

function nullIfGone(what: string): null {
  const value = errno();
  if (GONE.has(value)) return null;
  throw new KernelError(`cannot read ${what}`, value);
}

/** Null, or why a file cannot be opened that way, as EACCES or EROFS. Nothing is read or written. */
export function accessError(path: string, how: "read" | "write"): string | null {
  const fd = openPath(path, how === "read" ? O_RDONLY : O_WRONLY);
  if (fd < 0) return errnoName(errno());
  close(fd);
  return null;
}

export function isDirectory(path: string): boolean {
  return statDirectory(path) !== null && listDirectories(path) !== null;
}
