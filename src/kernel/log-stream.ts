/** Standard error for a process that must never wait for whoever reads it. */
import { fstatSync, write } from "node:fs";
import { Socket } from "node:net";
import { Writable } from "node:stream";

export type LogStream = Writable;

/** More than this unread, and lines are dropped. */
const UNREAD_LIMIT_BYTES = 1024 * 1024;

/** A stream over standard error that drops what is not read in time, and says how much once somebody reads again. */
export function openLogStream(): LogStream {
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
        if (dropped > 0) target.write(`warn: ${dropped} lines of the log were dropped: nobody read them\n`);
        dropped = 0;
        target.write(chunk);
      }
      done();
    },
  });
}

/** A pipe is written without blocking, a file on another thread; a terminal is what Node makes of it. */
function openTarget(): Writable {
  const facts = fstatSync(2);
  if (facts.isFIFO() || facts.isSocket()) return new Socket({ fd: 2, readable: false, writable: true });
  return facts.isFile() ? fileStream() : process.stderr;
}

/** A write that fails, as on a full disk, is lost; the next one may fit again. */
function fileStream(): Writable {
  return new Writable({ write: (chunk: Buffer, _encoding, done) => write(2, chunk, () => done()) });
}
