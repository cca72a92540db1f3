import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRegularFile } from "../../src/kernel/files.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/badnessd-files-`);
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  [0, 10, true],
  [9, 10, true],
  [10, 10, true],
  [11, 10, false],
  [200_000, 200_000, true],
  [200_001, 200_000, false],
])("%i bytes under a cap of %i", (size, cap, isRead) => {
  const bytes = Buffer.alloc(size, "x");
  writeFileSync(`${directory}/file`, bytes);
  const expected = isRead ? { bytes } : { refused: `expected at most ${cap} bytes` };
  expect(readRegularFile(`${directory}/file`, cap)).toEqual(expected);
});

test("a file whose size says 0, as in /proc", () => {
  expect(readRegularFile("/proc/self/stat", 10_000)).toHaveProperty("bytes");
  expect(readRegularFile("/proc/self/stat", 10)).toEqual({ refused: "expected at most 10 bytes" });
});
