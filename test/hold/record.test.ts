import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ArmedRecord, readRecord, recordFile, removeRecord, writeRecord } from "../../src/hold/record.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();

const RECORD: ArmedRecord = {
  mountPoint: "/sys/fs/cgroup/memory",
  armed: [{ memcg: "/jobs", ino: 17n, was: false }],
  foreign: new Set(),
};

const anyRecord: fc.Arbitrary<ArmedRecord> = fc.record({
  mountPoint: fc.string({ unit: "binary" }),
  armed: fc.array(
    fc.record({
      memcg: fc.string({ unit: "binary" }),
      ino: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      was: fc.boolean(),
    }),
  ),
  foreign: fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((all) => new Set(all)),
});

test("any record comes back: names that are no UTF-8, inode numbers beyond 2^53", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      writeRecord(at(), record);
      expect(readRecord(at())).toEqual(record);
    }),
  );
});

test("where there is none it is null, and removing none is fine", () => {
  removeRecord(at());
  removeRecord(at());
  expect(readRecord(at())).toBeNull();
  expect(readRecord(at("missing"))).toBeNull();
});

test("nothing but the record is left in the directory", () => {
  writeRecord(at(), RECORD);
  expect(readdirSync(at())).toEqual(["armed.json"]);
  expect(JSON.parse(readFileSync(recordFile(at()), "utf8"))).toEqual({
    version: 1,
    mountPoint: "/sys/fs/cgroup/memory",
    armed: [{ memcg: "/jobs", ino: "17", was: 0 }],
    foreign: [],
  });
});

test("one that cannot be written throws, and the one before it stays", () => {
  writeRecord(at(), RECORD);
  symlinkSync("/dev/full", at("armed.json.new"));
  expect(() => writeRecord(at(), { ...RECORD, armed: [] })).toThrow(/ENOSPC/);
  expect(readRecord(at())).toEqual(RECORD);
});

test.each([
  ["empty", ""],
  ["cut short", '{"version":1,"mountPoint":"/sys","armed":[{"memcg":"/a","ino":"1'],
  ["null", "null"],
  ["a list", "[]"],
  ["no list of the armed", '{"mountPoint":"/","foreign":[]}'],
  ["no list of what others hold", '{"mountPoint":"/","armed":[]}'],
  ["an inode number that is none", '{"mountPoint":"/","armed":[{"memcg":"/a","ino":"x","was":0}],"foreign":[]}'],
  ["an inode number that is missing", '{"mountPoint":"/","armed":[{"memcg":"/a","was":0}],"foreign":[]}'],
])("a broken one is an error that says what to do: %s", (_, text) => {
  writeFileSync(recordFile(at()), text);
  expect(() => readRecord(at())).toThrow(
    `${recordFile(at())} is broken; put oom_kill_disable back by hand and remove it`,
  );
});
