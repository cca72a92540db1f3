/** What makes bytes unfit to be any of our configuration files. */
import { isUtf8 } from "node:buffer";
import type { Fault } from "./fault.ts";

/** The text of a file without its byte order mark, or the place where it stops being UTF-8. */
export function decodeText(file: string, bytes: Buffer): string | Fault {
  if (isUtf8(bytes)) return bytes.toString("utf8").replace(/^\uFEFF/, "");
  // A newline byte is never part of a longer sequence, so whole lines can be judged on their own.
  let line = 1;
  let from = 0;
  for (let to = bytes.indexOf(10); to >= 0 && isUtf8(bytes.subarray(from, to)); to = bytes.indexOf(10, from)) {
    line += 1;
    from = to + 1;
  }
  const column = bytes.subarray(from).toString("utf8").indexOf("\uFFFD") + 1;
  return { file, line, column: Math.max(column, 1), message: "expected UTF-8, got other bytes" };
}

/** A fault for the first NUL, which would end a name early for the kernel but not for us. */
export function nulFaults(file: string, text: string): Fault[] {
  const at = text.indexOf("\0");
  if (at < 0) return [];
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return [{ file, line, column: at - before.lastIndexOf("\n"), message: "expected text, got a NUL byte" }];
}
