/** Extended attributes of directories, through a descriptor: no symbolic link is followed, and no path is too long. */
import { fstatSync } from "node:fs";
import { constants } from "node:os";
import { KernelError, orThrow } from "./kernel-error.ts";
import { close, errno, fgetxattr, fremovexattr, fsetxattr } from "./libc.ts";
import { fromBytes, toBytes, toBytesZ } from "./path.ts";
import { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openPath, statDirectory } from "./read.ts";

/** No value that means anything is longer. */
const LONGEST_VALUE_BYTES = 64;
/** The kernel tells a symbolic link from a directory by either of these. */
const NO_DIRECTORY = new Set([
  constants.errno.ENOENT,
  constants.errno.ENOTDIR,
  constants.errno.ELOOP,
  constants.errno.ENODEV,
]);

/** Bytes that are no UTF-8 are in the text as in a path. What is too long is not read. */
export type XattrValue = { readonly text: string } | { readonly longerThan: number };

/** What is set on a directory, as far as we may see it. */
export interface DirectoryXattrs {
  /** User id of the directory's owner. */
  readonly owner: number;
  readonly values: ReadonlyMap<string, XattrValue>;
}

const buffer = Buffer.alloc(LONGEST_VALUE_BYTES);

/** Those of `names` that are set; null if there is no such directory. Throws KernelError, as EMFILE. */
export function readXattrs(directory: string, names: readonly string[]): DirectoryXattrs | null {
  const fd = openPath(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd < 0) return unreadable(directory);
  try {
    const values = new Map<string, XattrValue>();
    for (const name of names) {
      const value = readOne(fd, name);
      if (value !== null) values.set(name, value);
    }
    return { owner: fstatSync(fd).uid, values };
  } finally {
    close(fd);
  }
}

/** Throws KernelError: ENOENT, EPERM or EACCES where we may not, ENOTSUP where the file system has none. */
export function writeXattr(directory: string, name: string, text: string): void {
  change(directory, `set ${name}`, (fd) => fsetxattr(fd, toBytesZ(name), toBytes(text), toBytes(text).length, 0));
}

/** False if it was not set. Throws KernelError, as `writeXattr`. */
export function removeXattr(directory: string, name: string): boolean {
  return change(directory, `remove ${name}`, (fd) => fremovexattr(fd, toBytesZ(name)));
}

function readOne(fd: number, name: string): XattrValue | null {
  const length = fgetxattr(fd, toBytesZ(name), buffer, buffer.length);
  if (length >= 0) return { text: fromBytes(buffer.subarray(0, length)) };
  // ENODATA, ENOTSUP, EACCES, a directory that was removed: nothing is set that we could go by.
  return errno() === constants.errno.ERANGE ? { longerThan: buffer.length } : null;
}

/** One that we may not open still has an owner, and that is all there is to know. */
function unreadable(directory: string): DirectoryXattrs | null {
  const value = errno();
  if (NO_DIRECTORY.has(value)) return null;
  if (value !== constants.errno.EACCES) throw new KernelError(`cannot read the xattrs of ${directory}`, value);
  const facts = statDirectory(directory);
  return facts === null ? null : { owner: facts.uid, values: new Map() };
}

function change(directory: string, what: string, call: (fd: number) => number): boolean {
  const fd = openPath(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  orThrow(fd, `cannot open ${directory}`);
  try {
    if (call(fd) >= 0) return true;
    if (errno() === constants.errno.ENODATA) return false;
    throw new KernelError(`cannot ${what} of ${directory}`);
  } finally {
    close(fd);
  }
}
