/** Reading a file that somebody named: whatever it turns out to be, it must not hang us or fill our memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 65_536;

/** The bytes of a regular file of at most `capBytes`, or why they cannot be had, in words. */
export type FileBytes = { readonly bytes: Buffer } | { readonly refused: string };

/** Reads a regular file, through symbolic links too. */
export function readRegularFile(path: string, capBytes: number): FileBytes {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return readOpened(fd, capBytes);
    } finally {
      closeSync(fd);
    }
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
  const chunks: Buffer[] = [];
  // The size in its inode is not trusted: a file may grow while it is read, and those of /proc have none.
  for (let length = 0; length <= capBytes; ) {
    const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, Math.min(facts.size, capBytes) - length + 1));
    const count = readSync(fd, chunk, 0, chunk.length, null);
    if (count === 0) return { bytes: Buffer.concat(chunks) };
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return { refused: `expected at most ${capBytes} bytes` };
}
