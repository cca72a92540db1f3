/**
 * Reading configuration files without being led astray: a FIFO, a device or a link that somebody else may
 * swap must not make a root daemon hang, or read what was not meant for it.
 *
 * A symbolic link is followed where only root and the running user can place one, because that is how
 * packagers and container platforms install configuration; in any other directory it is refused.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { forNode, fromBytes } from "./path.ts";

const MAX_BYTES = 2 ** 20;
const OTHERS_MAY_WRITE = 0o002;
const GROUP_MAY_WRITE = 0o020;

/** The bytes of a file, or why there are none. */
export type ConfigFile =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly reason: string };

/** Reads a regular file of at most 1 MiB that only root and the running user can have written. */
export function readConfigFile(path: string): ConfigFile {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    const follow = isOurs(statSync(dirname(path)), OTHERS_MAY_WRITE | GROUP_MAY_WRITE) ? 0 : constants.O_NOFOLLOW;
    const fd = openSync(forNode(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | follow);
    try {
      return readOpened(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return whyNot(error);
  }
}

/** The names in a directory in byte order; none if it does not exist. Throws what else goes wrong. */
export function listConfigNames(directory: string): string[] {
  try {
    const names = readdirSync(forNode(directory), { encoding: "buffer" });
    return names.sort(Buffer.compare).map(fromBytes);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Writes the whole text to an open descriptor. */
export function writeDescriptor(fd: number, text: string): void {
  writeFileSync(fd, text);
}

/** The word for an error of the file system, such as EACCES. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}

function readOpened(fd: number): ConfigFile {
  const facts = fstatSync(fd);
  if (!facts.isFile()) return refused("not a regular file");
  if (!isOurs(facts, OTHERS_MAY_WRITE))
    return refused("expected an owner of root or the running user, and no right for others to write");
  const bytes = Buffer.allocUnsafe(MAX_BYTES + 1);
  let length = 0;
  // The size in its inode is not trusted: a file may grow while it is read.
  for (let count = -1; count !== 0 && length <= MAX_BYTES; length += count) {
    count = readSync(fd, bytes, length, bytes.length - length, null);
  }
  if (length > MAX_BYTES) return refused(`larger than ${MAX_BYTES} bytes`);
  return { kind: "read", bytes: Buffer.from(bytes.subarray(0, length)) };
}

function isOurs(facts: { readonly uid: number; readonly mode: number }, forbidden: number): boolean {
  const owners = [0, process.geteuid?.()];
  return owners.includes(facts.uid) && (facts.mode & forbidden) === 0;
}

function whyNot(error: unknown): ConfigFile {
  const code = codeOf(error);
  if (code === "ENOENT") return { kind: "missing" };
  if (code === "ELOOP") return refused("a symbolic link in a directory that others may write");
  return refused(code);
}

function refused(reason: string): ConfigFile {
  return { kind: "refused", reason };
}
