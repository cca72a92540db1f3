import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  ensureDirectory,
  makeSocketPublic,
  removeFile,
  replaceFile,
  tryDirectory,
} from "../../src/kernel/state-file.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const modeOf = (path: string) => statSync(path).mode & 0o777;

test.each([
  ["new", null],
  ["longer before", "x".repeat(1_000)],
  ["shorter before", "x"],
])("a file is replaced as a whole: %s", (_, before) => {
  mkdirSync(at("whole"), { recursive: true });
  if (before !== null) writeFileSync(at("whole/file"), before);
  replaceFile(at("whole/file"), "the new text");
  expect(readFileSync(at("whole/file"), "utf8")).toBe("the new text");
  expect(readdirSync(at("whole"))).toEqual(["file"]);
});

test("a reader that has the old text open keeps it", () => {
  replaceFile(at("kept"), "old");
  const before = statSync(at("kept")).ino;
  replaceFile(at("kept"), "new");
  expect(statSync(at("kept")).ino).not.toBe(before);
  expect(modeOf(at("kept"))).toBe(0o644);
});

test("on a full disk it throws, and the old text stays", () => {
  writeFileSync(at("full"), "old");
  symlinkSync("/dev/full", at("full.new"));
  expect(() => replaceFile(at("full"), "new")).toThrow(/ENOSPC/);
  expect(readFileSync(at("full"), "utf8")).toBe("old");
});

test.each([
  ["/proc/badnessd-test", "ENOENT"],
  ["/proc/self/stat", "EEXIST"],
  ["/proc/self/stat/run", "ENOTDIR"],
])("a directory that cannot be made is told at once: %s", (path, code) => {
  expect(() => ensureDirectory(path)).toThrow(code);
  expect(tryDirectory(path)?.code).toBe(code);
});

test("whether a directory could be made is found out without a trace", () => {
  expect(tryDirectory(at("tried/a/b"))).toBeNull();
  expect(readdirSync(at())).not.toContain("tried");
  mkdirSync(at("there"));
  expect(tryDirectory(at("there"))).toBeNull();
  expect(readdirSync(at())).toContain("there");
});

test("a directory is made with those above it, and one that is there is fine", () => {
  ensureDirectory(at("a/b/c"));
  ensureDirectory(at("a/b/c"));
  expect(modeOf(at("a/b/c"))).toBe(0o755);
  writeFileSync(at("file"), "");
  expect(() => ensureDirectory(at("file"))).toThrow(/EEXIST/);
});

test("removing what is gone is fine", () => {
  writeFileSync(at("goes"), "");
  removeFile(at("goes"));
  removeFile(at("goes"));
  expect(readdirSync(at())).not.toContain("goes");
});

test("everybody may connect", () => {
  writeFileSync(at("socket"), "", { mode: 0o600 });
  makeSocketPublic(at("socket"));
  expect(modeOf(at("socket"))).toBe(0o666);
});
