/** Reading a file that somebody named: whatever it turns out to be, it must not hang us or fill our memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 65_536;
/** Between two looks at a descriptor that does not wait for its writer. */
const RETRY_MS = 10;

/** What stands for a descriptor that we were started with. */
const OPEN_ALREADY = /^(?:-|\/dev\/stdin|(?:\/dev|\/proc\/self)\/fd\/([0-9]{1,9}))$/;

/** The bytes of a regular file of at most `capBytes`, or why they cannot be had, in words. */
export type FileBytes = { readonly bytes: Buffer } | { readonly refused: string };

/** Reads a regular file, through symbolic links too. */
export function readRegularFile(path: string, capBytes: number): FileBytes {
  return refusing(() => {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return readOpened(fd, capBytes);
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * The same for a word of a command line: `-` is standard input, and `/dev/stdin` and `/dev/fd/N`, as a shell's `<(…)`
 * has it, are what is open already. Of those a pipe will do too: whoever has opened it has its writer at hand.
 */
export function readNamedFile(word: string, capBytes: number): FileBytes {
  const open = OPEN_ALREADY.exec(word);
  if (open === null) return readRegularFile(word, capBytes);
  return refusing(() => readAll(Number(open[1] ?? 0), capBytes, CHUNK_BYTES));
}

function refusing(read: () => FileBytes): FileBytes {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error) return { refused: `cannot read: ${error.code}` };
    throw error;
  }
}

function readOpened(fd: number, capBytes: number): FileBytes {
  const facts = fstatSync(fd);
  if (facts.isDirectory()) return { refused: "expected a regular file, got a directory" };
  if (facts.isFIFO()) return { refused: "expected a regular file, got a FIFO" };
  if (!facts.isFile()) return { refused: "expected a regular file, got a device or a socket" };
  return readAll(fd, capBytes, Math.min(facts.size, capBytes));
}

function readAll(fd: number, capBytes: number, likelyBytes: number): FileBytes {
  const chunks: Buffer[] = [];
  // The size in its inode is not trusted: a file may grow while it is read, and those of /proc have none.
  for (let length = 0; length <= capBytes; ) {
    const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, likelyBytes - length + 1));
    const count = readWaiting(fd, chunk);
    if (count === 0) return { bytes: Buffer.concat(chunks) };
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return { refused: `expected at most ${capBytes} bytes` };
}

/** Somebody else who has the same description may have made it non-blocking. */
function readWaiting(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
