import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseKmsgRecord, unescapeKmsg } from "../../../src/kernel/parse/kmsg.ts";

const record = (isFromKernel: boolean, isContinuation: boolean, escaped: string) => ({
  isFromKernel,
  isContinuation,
  escaped,
});

test.each([
  ["as the kernel prints it", "6,339,5140900,-;NET: x\n", record(true, false, "NET: x")],
  [
    "with a dictionary behind it",
    "3,1,2,-;hard reset\n SUBSYSTEM=scsi\n DEVICE=b8:0\n",
    record(true, false, "hard reset"),
  ],
  ["with fields of later kernels", "3,1,2,-,caller=T17;Killed\n", record(true, false, "Killed")],
  ["broken off and continued", "4,1,2,c;,task=x\n", record(true, true, ",task=x")],
  ["written by a process", "12,1,2,-;Killed process 1 (x)\n", record(false, false, "Killed process 1 (x)")],
  ["by a daemon", "30,1,2,-;x\n", record(false, false, "x")],
  ["a semicolon in the text", "6,1,2,-;a;b\n", record(true, false, "a;b")],
  ["no text", "6,1,2,-;\n", record(true, false, "")],
])("%s", (_, text, expected) => {
  expect(parseKmsgRecord(text)).toEqual(expected);
});

test.each(["", "\n", "x", "6,1,2,-", "6;x", "-6,1,2,-;x"])("%j is no record", (text) => {
  expect(parseKmsgRecord(text)).toBeNull();
});

test.each([
  ["plain", "plain"],
  ["a\\x0ab", "a\nb"],
  ["\\x5cx41", "\\x41"],
  ["caf\\xc3\\xa9", "café"],
  ["\\x1b[31m", "\x1b[31m"],
  ["\\xZZ", "\\xZZ"],
])("%s is %j", (escaped, text) => {
  expect(unescapeKmsg(escaped).toString("utf8")).toBe(text);
});

test("whatever bytes the kernel escapes come back", () => {
  const asPrinted = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => {
      const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
      return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
    }).join("");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(unescapeKmsg(asPrinted(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});
