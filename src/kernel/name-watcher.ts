import { eventsIn, IN_Q_OVERFLOW } from "./inotify.ts";
import { orThrow } from "./kernel-error.ts";
import { close, inotifyAddWatch, inotifyInit, read } from "./libc.ts";
import { fromBytes, toBytesZ } from "./path.ts";
import { type Watch, watchReadable } from "./poll.ts";

const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
/** IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_ATTRIB. */
const MASK = 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x4;

/**
 * Calls `onChange` with the directory and the name of every file in it that was written, renamed, made, removed or
 * changed in its rights; with null where the kernel had more to say than fits. A directory that is not there is left
 * out.
 */
export function watchNames(
  directories: Iterable<string>,
  onChange: (directory: string | null, name: string) => void,
): Watch {
  const fd = orThrow(inotifyInit(CLOEXEC | NONBLOCK), "cannot create an inotify instance");
  const byWatch = new Map<number, string>();
  for (const directory of directories) {
    const watch = inotifyAddWatch(fd, toBytesZ(directory), MASK);
    if (watch >= 0) byWatch.set(watch, directory);
  }
  const buffer = Buffer.alloc(16_384);
  const readable = watchReadable(fd, () => {
    for (let length = read(fd, buffer, buffer.length); length > 0; length = read(fd, buffer, buffer.length)) {
      deliver(buffer.subarray(0, length), byWatch, onChange);
    }
  });
  return {
    stop() {
      readable.stop();
      close(fd);
    },
  };
}

function deliver(
  bytes: Buffer,
  byWatch: ReadonlyMap<number, string>,
  onChange: (directory: string | null, name: string) => void,
): void {
  for (const { watch, mask, name } of eventsIn(bytes)) {
    const directory = mask & IN_Q_OVERFLOW ? null : (byWatch.get(watch) ?? null);
    onChange(directory, fromBytes(name));
  }
}
