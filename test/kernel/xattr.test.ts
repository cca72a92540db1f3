import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { close, fsetxattr } from "../../src/kernel/libc.ts";
import { toBytesZ } from "../../src/kernel/path.ts";
import { openPath } from "../../src/kernel/read.ts";
import { readXattrs, removeXattr, writeXattr } from "../../src/kernel/xattr.ts";
import { DeepDirectory } from "../support/deep-directory.ts";

const NAME = "user.oom_badness";
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/badnessd-xattr-`);
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

/** Sets any bytes. */
function setBytes(path: string, bytes: Buffer): void {
  const fd = openPath(path, 0);
  expect(fsetxattr(fd, toBytesZ(NAME), bytes, bytes.length, 0)).toBe(0);
  close(fd);
}

function whyNoXattrs(): string | null {
  const probe = mkdtempSync(`${tmpdir()}/badnessd-xattr-`);
  try {
    writeXattr(probe, NAME, "1");
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(probe, { recursive: true });
  }
}

const reason = whyNoXattrs();

describe.skipIf(reason !== null)(`xattrs of a directory (${reason ?? "there are some"})`, () => {
  const readOne = () => readXattrs(directory, [NAME])?.values.get(NAME);

  test.each([
    ["100", Buffer.from("100"), { text: "100" }],
    ["nothing", Buffer.alloc(0), { text: "" }],
    ["a NUL at the end", Buffer.from("5\0"), { text: "5\0" }],
    ["bytes that are no UTF-8", Buffer.of(0x35, 0xff), { text: "5\udcff" }],
    ["as much as is read", Buffer.alloc(64, "1"), { text: "1".repeat(64) }],
    ["more than is read", Buffer.alloc(65, "1"), { longerThan: 64 }],
    ["far more", Buffer.alloc(2_000, "1"), { longerThan: 64 }],
  ])("%s", (_, bytes, value) => {
    setBytes(directory, bytes);
    expect(readOne()).toEqual(value);
  });

  test("what is written is read; what is removed is not there", () => {
    writeXattr(directory, NAME, "7");
    writeXattr(directory, NAME, "8");
    expect(readOne()).toEqual({ text: "8" });
    expect(removeXattr(directory, NAME)).toBe(true);
    expect(removeXattr(directory, NAME)).toBe(false);
    expect(readOne()).toBeUndefined();
  });

  test("names that are not set are not there, and the owner is", () => {
    const { owner, values } = readXattrs(directory, [NAME, "trusted.oom_kill"]) ?? {};
    expect([owner, values?.size]).toEqual([statSync(directory).uid, 0]);
  });

  test("a directory whose path is longer than the kernel takes in one call", () => {
    const levels = Array.from({ length: 40 }, (_, level) => `${level}-`.padEnd(220, "x"));
    const deep = new DeepDirectory(directory, levels);
    try {
      writeXattr(deep.path, NAME, "9");
      expect(readXattrs(deep.path, [NAME])?.values.get(NAME)).toEqual({ text: "9" });
    } finally {
      deep.remove();
    }
  });

  test("a symbolic link is not followed, to read nor to write", () => {
    mkdirSync(`${directory}/target`);
    writeXattr(`${directory}/target`, NAME, "1");
    symlinkSync("target", `${directory}/link`);
    expect(readXattrs(`${directory}/link`, [NAME])).toBeNull();
    expect(() => writeXattr(`${directory}/link`, NAME, "2")).toThrow(/ELOOP|ENOTDIR/);
    expect(() => removeXattr(`${directory}/link`, NAME)).toThrow(/ELOOP|ENOTDIR/);
    expect(readXattrs(`${directory}/target`, [NAME])?.values.get(NAME)).toEqual({ text: "1" });
  });

  test("a file and a FIFO are no directories, and nobody waits for them", () => {
    writeFileSync(`${directory}/file`, "");
    spawnSync("mkfifo", [`${directory}/fifo`]);
    for (const name of ["file", "fifo"]) expect(readXattrs(`${directory}/${name}`, [NAME])).toBeNull();
  });

  test("what is gone is null to read and ENOENT to write", () => {
    expect(readXattrs(`${directory}/gone`, [NAME])).toBeNull();
    expect(() => writeXattr(`${directory}/gone`, NAME, "1")).toThrow("ENOENT");
  });
});

test("where there are no xattrs, none are read, and writing says so", () => {
  const place = `/proc/${process.pid}`;
  expect(readXattrs(place, [NAME])?.values.size).toBe(0);
  expect(() => writeXattr(place, NAME, "1")).toThrow(/ENOTSUP|EOPNOTSUPP|EPERM/);
});
