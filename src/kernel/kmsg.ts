/** The kernel's log, from now on: read when there is something new, without waiting and without a thread. */
import { constants } from "node:os";
import { close, errno, errnoName, library, read } from "./libc.ts";
import { parseKmsgRecord, unescapeKmsg } from "./parse/kmsg.ts";
import { fromBytes } from "./path.ts";
import { type Watch, watchReadable } from "./poll.ts";
import { openPath } from "./read.ts";

const O_NONBLOCK = 0o4000;
const SEEK_END = 2;
/** No record is longer. */
const RECORD_BYTES = 8_192;
/** More than a log buffer holds: whoever floods it does not keep us reading for ever. */
const MOST_RECORDS = 50_000;
/** A kill may come with a hundred lines: after the first they are read together. */
const GATHER_MS = 25;

const lseek = library.func("lseek", "long", ["int", "long", "int"]) as (
  fd: number,
  offset: number,
  whence: number,
) => number;

/** A message of the kernel itself. */
export interface KernelMessage {
  readonly text: string;
  readonly isContinuation: boolean;
}

export interface KernelLogListener {
  onMessage(message: KernelMessage): void;
  /** Messages were overwritten before we read them. */
  onLost(): void;
}

export class KernelLog {
  readonly #fd: number;
  readonly #listener: KernelLogListener;
  readonly #buffer = Buffer.allocUnsafe(RECORD_BYTES);
  #watch: Watch | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** Throws Error with the reason, as EPERM, where this process may not read it. */
  constructor(listener: KernelLogListener, path = "/dev/kmsg") {
    this.#listener = listener;
    this.#fd = openPath(path, O_NONBLOCK);
    if (this.#fd < 0) throw new Error(`cannot open ${path}: ${errnoName(errno())}`);
    lseek(this.#fd, 0, SEEK_END);
    try {
      this.#wait();
    } catch (error) {
      // A container may have something else under this name.
      close(this.#fd);
      throw new Error(`cannot wait for ${path}`, { cause: error });
    }
  }

  /** Reads what there is, now. */
  drain(): void {
    for (let count = 0; count < MOST_RECORDS; count++) {
      const length = read(this.#fd, this.#buffer, RECORD_BYTES);
      if (length > 0) this.#take(this.#buffer.toString("latin1", 0, length));
      else if (length === 0 || !this.#isPassed(errno())) return;
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#watch?.stop();
    close(this.#fd);
  }

  /** Whether the next record may be read in spite of an error with this one. */
  #isPassed(error: number): boolean {
    const { EPIPE, EINVAL, EINTR } = constants.errno;
    if (error === EPIPE) this.#listener.onLost();
    return error === EPIPE || error === EINVAL || error === EINTR;
  }

  #take(record: string): void {
    const parsed = parseKmsgRecord(record);
    if (parsed?.isFromKernel !== true) return;
    this.#listener.onMessage({
      text: fromBytes(unescapeKmsg(parsed.escaped)),
      isContinuation: parsed.isContinuation,
    });
  }

  /** Hears of the next record once: an overwritten one is an error to libuv, which then waits no longer. */
  #wait(): void {
    this.#watch = watchReadable(this.#fd, () => {
      this.#watch?.stop();
      // Where the kernel says no more than one line, the victim can still be looked up, for a moment.
      this.drain();
      this.#timer = setTimeout(() => {
        this.drain();
        this.#wait();
      }, GATHER_MS);
    });
  }
}
