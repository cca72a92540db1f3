/** Standard error for a process that must never wait for whoever reads it. */
import { fstatSync, write, writeSync } from "node:fs";
import { Socket } from "node:net";
import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";

export type LogStream = Writable;

/** More than this unread, and lines are dropped. */
const UNREAD_LIMIT_BYTES = 1024 * 1024;

/** A stream over standard error that drops what is not read in time, and once somebody reads again says how much. */
export function openLogStream(sayDropped: (lines: number) => string): LogStream {
  const target = openTarget();
  let dropped = 0;
  target.on("error", () => {
    // A full disk or a closed pipe: there is nowhere left to say so.
  });
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      if (target.writableLength > UNREAD_LIMIT_BYTES) dropped += 1;
      else {
        if (dropped > 0) target.write(sayDropped(dropped));
        dropped = 0;
        target.write(chunk);
      }
      done();
    },
  });
}

/** Whether standard error is a stream to systemd's journal; see JOURNAL_STREAM in systemd.exec(5). */
export function isJournal(): boolean {
  const { dev, ino } = fstatSync(2, { bigint: true });
  return process.env["JOURNAL_STREAM"] === `${dev}:${ino}`;
}

/** A pipe is written without blocking, and so is a terminal, which somebody may have stopped; all else on another thread. */
function openTarget(): Writable {
  const facts = fstatSync(2);
  if (facts.isFIFO() || facts.isSocket()) return new Socket({ fd: 2, readable: false, writable: true });
  return (facts.isCharacterDevice() ? terminalStream() : null) ?? fileStream();
}

/** Null for another device. Node waits for terminals unless told otherwise; libuv has opened it anew, for us alone. */
function terminalStream(): Writable | null {
  // Loaded here, since a service has no terminal, and this would be 0.2 MiB of it.
  const { isatty, WriteStream: Terminal } = process.getBuiltinModule("node:tty");
  if (!isatty(2)) return null;
  const stream = new Terminal(2) as WriteStream & { readonly _handle?: { setBlocking(on: boolean): void } };
  stream._handle?.setBlocking(false);
  return stream;
}

/**
 * A write that fails, as on a full disk, is lost; the next one may fit again. At the very end, when no other thread will
 * tell us any more that it is done, what still waits is written by ourselves.
 */
function fileStream(): Writable {
  let underWay: (() => void) | null = null;
  let isEnding = false;
  process.once("exit", () => {
    isEnding = true;
    underWay?.();
  });
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (isEnding) return writeAtLast(chunk, done);
      underWay = done;
      write(2, chunk, () => {
        underWay = null;
        done();
      });
    },
  });
}

function writeAtLast(chunk: Buffer, done: () => void): void {
  try {
    writeSync(2, chunk);
  } catch {
    // A full disk.
  }
  done();
}
