import { expect, test } from "vitest";
import { parseProcStatus } from "../../../src/kernel/parse/proc-status.ts";

const status = (name: string) =>
  `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t12\nNgid:\t0\nPid:\t13\nPPid:\t1\nTracerPid:\t0\nUid:\t1000\t0\t5\t6\nGid:\t7\t8\t9\t10\n`;

test.each([
  ["plain", "sleep"],
  ["empty", ""],
  ["blanks", "  "],
  ["a line of its own, as the kernel escapes it", "x\\nUid:\t0\t0\t0\t0"],
  ["a field in its own line", "Uid:\t0\t0\t0\t0"],
])("a name that is %s", (_, name) => {
  expect(parseProcStatus(status(name))).toEqual({ tgid: 12, realUid: 1000, effectiveUid: 0 });
});

test.each([
  ["empty", ""],
  ["cut short before the users", status("x").slice(0, 60)],
  ["cut short within the users", status("x").slice(0, status("x").indexOf("\t0\t5"))],
])("%s is nobody", (_, text) => expect(parseProcStatus(text)).toBeNull());
