/**
 * Changes of the attributes of directories: their xattrs, owners and modes. It has an inotify queue of its own, for
 * whoever owns a directory can fill it, and must not be able to push out the news of directories that come and go.
 */
import { addWatch, eventsIn, IN_Q_OVERFLOW } from "./inotify.ts";
import { orThrow } from "./kernel-error.ts";
import { close, inotifyInit, inotifyRmWatch, read } from "./libc.ts";

const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
const IN_ATTRIB = 0x4;
/** Whoever writes faster than we read must not keep us reading. */
const MOST_READS = 8;

const buffer = Buffer.alloc(65_536);

/** Directories that changed, by the number of their watch. */
export interface AttributeChanges {
  readonly watches: ReadonlySet<number>;
  /** The kernel dropped news: any directory may have changed. */
  readonly isOverflow: boolean;
}

export class AttributeWatcher {
  readonly fd: number = orThrow(inotifyInit(CLOEXEC | NONBLOCK), "cannot create an inotify instance");

  /** The number of the watch, the same for the same directory; null if it is gone. Throws KernelError, as ENOSPC. */
  watch(path: string): number | null {
    return addWatch(this.fd, path, IN_ATTRIB);
  }

  unwatch(watch: number): void {
    inotifyRmWatch(this.fd, watch);
  }

  /** What happened so far, or the beginning of it: then the descriptor stays readable. */
  drain(): AttributeChanges {
    const watches = new Set<number>();
    let isOverflow = false;
    for (let reads = 0; reads < MOST_READS; reads++) {
      const length = read(this.fd, buffer, buffer.length);
      if (length <= 0) break;
      isOverflow = collect(buffer.subarray(0, length), watches) || isOverflow;
    }
    return { watches, isOverflow };
  }

  close(): void {
    close(this.fd);
  }
}

/** Adds the directories that say so themselves; their parents say it too, with a name. True if the queue overflowed. */
function collect(bytes: Buffer, watches: Set<number>): boolean {
  let isOverflow = false;
  for (const { watch, mask, name } of eventsIn(bytes)) {
    if (mask & IN_Q_OVERFLOW) isOverflow = true;
    else if (mask & IN_ATTRIB && name.length === 0) watches.add(watch);
  }
  return isOverflow;
}
