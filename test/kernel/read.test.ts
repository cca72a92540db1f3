import { mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { KernelError } from "../../src/kernel/kernel-error.ts";
import { close } from "../../src/kernel/libc.ts";
import {
  accessError,
  isDirectory,
  listDirectories,
  O_RDONLY,
  openPath,
  readText,
  readTextFd,
  statDirectory,
} from "../../src/kernel/read.ts";
import { DeepDirectory } from "../support/deep-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();

beforeAll(() => {
  writeFileSync(at("file"), "text\n");
  mkdirSync(at("full/a"), { recursive: true });
  mkdirSync(at("full/b"));
  writeFileSync(at("full/file"), "");
  symlinkSync("b", at("full/link"));
  mkdirSync(at("flat"));
  writeFileSync(at("flat/file"), "");
  symlinkSync("loop", at("loop"));
});

describe("what is gone is null", () => {
  test.each([
    ["a file", "missing"],
    ["a directory on the way", "missing/file"],
    ["a file where a directory was", "file/file"],
    ["a process", "/proc/4194305/stat"],
  ])("%s", (_, name) => {
    const path = name.startsWith("/") ? name : at(name);
    expect(readText(path)).toBeNull();
    expect(listDirectories(path)).toBeNull();
    expect(statDirectory(path)).toBeNull();
    expect(openPath(path, O_RDONLY)).toBe(-1);
    expect(isDirectory(path)).toBe(false);
  });

  test("a path that is too long for one call", () => {
    const path = `${at("missing")}${`/${"x".repeat(200)}`.repeat(40)}`;
    expect(readText(path)).toBeNull();
    expect(listDirectories(path)).toBeNull();
    expect(statDirectory(path)).toBeNull();
  });
});

test.each([
  ["a directory", "full", "EISDIR"],
  ["a link to itself", "loop", "ELOOP"],
  ["a name that is too long", "x".repeat(256), "ENAMETOOLONG"],
])("what cannot be read for another reason throws: %s", (_, name, code) => {
  expect(() => readText(at(name))).toThrow(KernelError);
  expect(() => readText(at(name))).toThrow(`cannot read ${at(name)}: ${code}`);
});

test.each([0, 1, 16_383, 16_384, 16_385, 100_000, 1_000_000])(
  "a file of %i bytes, and a short one after it",
  (size) => {
    const text = Array.from({ length: size }, (_, index) => String.fromCharCode(97 + (index % 26))).join("");
    writeFileSync(at("sized"), text);
    expect(readText(at("sized")) === text).toBe(true);
    expect(readText(at("file"))).toBe("text\n");
  },
);

test("a file that the kernel writes piece by piece is read whole", () => {
  const text = readText("/proc/self/smaps") ?? "";
  expect(text.length).toBeGreaterThan(16_384);
  expect(text).toMatch(/\nVmFlags: [^\n]*\n$/);
});

test("a kept descriptor is read from its beginning every time", () => {
  const fd = openSync(at("file"), "r+");
  expect(readTextFd(fd)).toBe("text\n");
  writeFileSync(at("file"), "more text\n");
  expect(readTextFd(fd)).toBe("more text\n");
  expect(readTextFd(fd)).toBe("more text\n");
  close(fd);
  writeFileSync(at("file"), "text\n");
});

test("no descriptor is left open", () => {
  const count = () => readdirSync("/proc/self/fd").length;
  const before = count();
  for (const name of ["file", "missing", "full"]) {
    try {
      readText(at(name));
    } catch {
      // It is a directory.
    }
    accessError(at(name), "read");
    statDirectory(at(name));
  }
  expect(count()).toBe(before);
});

test("directories alone are listed, links to them are not", () => {
  expect(listDirectories(at("full"))?.sort()).toEqual(["a", "b"]);
  expect(listDirectories(at("flat"))).toEqual([]);
});

test("facts of a directory", () => {
  const facts = statDirectory(at("full"));
  expect(facts?.uid).toBe(process.getuid?.());
  expect(facts?.ino).toBe(statDirectory(at("full"))?.ino);
  expect(facts?.ino).not.toBe(statDirectory(at("flat"))?.ino);
  expect(facts?.hasDirectories).toBe(true);
});

test("the name of the error, or null where there is none", () => {
  expect(accessError(at("file"), "read")).toBeNull();
  expect(accessError(at("file"), "write")).toBeNull();
  expect(accessError(at("missing"), "read")).toBe("ENOENT");
  expect(accessError(at("full"), "write")).toBe("EISDIR");
  expect(readText(at("file"))).toBe("text\n");
});

test.each([
  ["ASCII", "d"],
  ["three bytes a character", "€"],
  ["bytes that are no UTF-8", "\udcff"],
])("a path of 8 KB: %s", (_, unit) => {
  const name = unit.repeat(unit === "€" ? 80 : 240);
  const names = Array.from({ length: 34 }, () => name);
  const deep = new DeepDirectory(at(), names);
  try {
    deep.write("file", "deep\n");
    deep.mkdir("inside");
    expect(readText(`${deep.path}/file`)).toBe("deep\n");
    expect(readText(`${deep.path}/missing`)).toBeNull();
    expect(listDirectories(deep.path)).toEqual(["inside"]);
    expect(statDirectory(deep.path)?.ino).toBeTypeOf("bigint");
    expect(statDirectory(`${deep.path}/inside`)?.ino).not.toBe(statDirectory(deep.path)?.ino);
    expect(accessError(`${deep.path}/file`, "write")).toBeNull();
    for (let depth = 1; depth <= names.length; depth++) {
      const path = [at(), ...names.slice(0, depth)].join("/");
      expect(listDirectories(path)).toHaveLength(1);
    }
  } finally {
    deep.remove();
  }
});
