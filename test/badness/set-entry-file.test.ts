import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import type { SetEntry } from "../../src/badness/set-entry.ts";
import { readEntries, writeEntries } from "../../src/badness/set-entry-file.ts";

const ENTRY: SetEntry = { pid: 7, startTime: 1, badness: 100, since: 2, isCap: false, uid: 0, inheritedFrom: null };
const INHERITED: SetEntry = { ...ENTRY, pid: 8, badness: null, isCap: true, inheritedFrom: 7 };

const made: string[] = [];
function newDirectory(): string {
  made.push(mkdtempSync(`${tmpdir()}/badnessd-test-`));
  return made.at(-1) ?? "";
}
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

const fail = (what: string) => {
  throw new Error(what);
};

test("what is written is read again, by this boot alone", () => {
  const directory = newDirectory();
  writeEntries(directory, "boot", [ENTRY, INHERITED]);
  expect(readEntries(directory, "boot", fail)).toEqual([ENTRY, INHERITED]);
  expect(readEntries(directory, "another", fail)).toEqual([]);
});

test("no file is no fault", () => {
  expect(readEntries(newDirectory(), "boot", fail)).toEqual([]);
});

test.each([
  ["empty", ""],
  ["cut short", '{"version":1,"bootId":"boot","proc'],
  ["a list", "[]"],
  ["null", "null"],
  ["without a boot", JSON.stringify({ processes: [] })],
  ["without processes", JSON.stringify({ bootId: "boot" })],
  ["an entry that is none", JSON.stringify({ bootId: "boot", processes: [null] })],
  ["a pid below zero", JSON.stringify({ bootId: "boot", processes: [{ ...ENTRY, pid: -1 }] })],
  ["a badness of text", JSON.stringify({ bootId: "boot", processes: [{ ...ENTRY, badness: "1" }] })],
  ["a badness that is none", JSON.stringify({ bootId: "boot", processes: [{ ...ENTRY, badness: 10_001 }] })],
  ["no user", JSON.stringify({ bootId: "boot", processes: [{ ...ENTRY, uid: undefined }] })],
  ["more entries than there may be", JSON.stringify({ bootId: "boot", processes: Array(10_001).fill(ENTRY) })],
])("a file that is broken (%s) is set aside, and that is said", (_, text) => {
  const directory = newDirectory();
  writeFileSync(`${directory}/processes.json`, text);
  const faults: string[] = [];
  expect(readEntries(directory, "boot", (what) => faults.push(what))).toEqual([]);
  expect(faults.join()).toMatch(/processes\.json is broken and set aside as .*\.broken/);
  expect(existsSync(`${directory}/processes.json.broken`)).toBe(true);
});

test("a directory in its place is set aside too", () => {
  const directory = newDirectory();
  mkdirSync(`${directory}/processes.json`);
  const faults: string[] = [];
  readEntries(directory, "boot", (what) => faults.push(what));
  expect(faults).toHaveLength(1);
});

test("what was set aside before makes room, whatever it is", () => {
  const directory = newDirectory();
  mkdirSync(`${directory}/processes.json.broken/x`, { recursive: true });
  writeFileSync(`${directory}/processes.json`, "");
  const faults: string[] = [];
  readEntries(directory, "boot", (what) => faults.push(what));
  expect(faults).toHaveLength(1);
});
