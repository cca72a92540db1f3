import { constants } from "node:os";
import { KernelError, orThrow } from "./kernel-error.ts";
import { close, errno, inotifyAddWatch, inotifyInit, inotifyRmWatch, read } from "./libc.ts";
import { parseNumber } from "./parse/numbers.ts";
import { fromBytes, toBytesZ } from "./path.ts";
import { readText, withShortName } from "./read.ts";

const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
export const IN_Q_OVERFLOW = 0x4000;
const IN_ONLYDIR = 0x01000000;
const IN_ISDIR = 0x40000000;
/** struct inotify_event without its name. */
const HEADER_BYTES = 16;

/** What happened in a watched directory to one of the directories in it. */
export interface DirectoryEvent {
  readonly kind: "appeared" | "vanished";
  /** The number that `watch` gave. */
  readonly watch: number;
  readonly name: string;
}

/** Gone, or hidden from us. */
const UNSEEN = new Set([constants.errno.ENOENT, constants.errno.ENOTDIR, constants.errno.EACCES]);

const buffer = Buffer.alloc(65_536);

/** One inotify instance that watches directories. A queue that overflowed reads as "overflow". */
export class DirectoryWatcher {
  readonly fd: number = orThrow(inotifyInit(CLOEXEC | NONBLOCK), "cannot create an inotify instance");

  /** The number of the new watch, or null if the directory is gone. Throws KernelError, as ENOSPC at the limit. */
  watch(path: string): number | null {
    return addWatch(this.fd, path, IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO);
  }

  /** Forgets a directory; the kernel keeps a removed one alive until then. */
  unwatch(watch: number): void {
    inotifyRmWatch(this.fd, watch);
  }

  /** Everything that has happened so far. */
  drain(): readonly DirectoryEvent[] | "overflow" {
    const events: DirectoryEvent[] = [];
    for (;;) {
      const length = read(this.fd, buffer, buffer.length);
      if (length <= 0) return events;
      if (!parseEvents(buffer.subarray(0, length), events)) return "overflow";
    }
  }

  close(): void {
    close(this.fd);
  }
}

/** How many watches a user may have in all their processes together; 0 where the kernel does not say. */
export function readWatchLimit(): number {
  return parseNumber(readText("/proc/sys/fs/inotify/max_user_watches") ?? "") ?? 0;
}

/** Watches a directory: the number of the watch, or null if there is nothing to see. Throws KernelError, as ENOSPC. */
export function addWatch(fd: number, path: string, mask: number): number | null {
  return withShortName(path, (name) => {
    const nameZ = typeof name === "string" ? toBytesZ(name) : Buffer.concat([name, Buffer.of(0)]);
    const number = inotifyAddWatch(fd, nameZ, mask | IN_ONLYDIR);
    if (number >= 0) return number;
    if (UNSEEN.has(errno())) return null;
    throw new KernelError(`cannot watch ${path}`);
  });
}

/** One struct inotify_event; `name` is without its padding, and empty where the directory itself is meant. */
export interface InotifyEvent {
  readonly watch: number;
  readonly mask: number;
  readonly name: Buffer;
}

/** The events that one read of an inotify descriptor gave; see inotify(7). */
export function* eventsIn(bytes: Buffer): Generator<InotifyEvent> {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const nameBytes = bytes.readUInt32LE(at + 12);
    const padded = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + nameBytes);
    const name = padded.subarray(0, Math.max(0, padded.indexOf(0)));
    yield { watch: bytes.readInt32LE(at), mask: bytes.readUInt32LE(at + 4), name };
    at += HEADER_BYTES + nameBytes;
  }
}

/** False if the queue overflowed. */
function parseEvents(bytes: Buffer, into: DirectoryEvent[]): boolean {
  for (const { watch, mask, name } of eventsIn(bytes)) {
    if (mask & IN_Q_OVERFLOW) return false;
    const kind = kindOf(mask);
    if (kind !== null && name.length > 0) into.push({ kind, watch, name: fromBytes(name) });
  }
  return true;
}

function kindOf(mask: number): DirectoryEvent["kind"] | null {
  if (!(mask & IN_ISDIR)) return null;
  if (mask & (IN_CREATE | IN_MOVED_TO)) return "appeared";
  if (mask & (IN_DELETE | IN_MOVED_FROM)) return "vanished";
  return null;
}
