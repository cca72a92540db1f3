import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Counters } from "../../src/report/counters.ts";
import { countersFile, readCounters, writeCounters } from "../../src/report/counters-file.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const path = temporaryDirectory();
let count = 0;
const runtimeDir = () => {
  const dir = path(`${++count}`);
  mkdirSync(dir);
  return dir;
};
const counted = () => {
  const counters = new Counters(() => 2n ** 60n);
  const victims = [{ pid: 1, startTime: 1, comm: "x", memcg: "/a/\udcff \n", rssBytes: 0 }];
  counters.take({ type: "kill", memcg: "/a", dryRun: false, victims, missed: [], time: "", seq: 1 });
  counters.take({ type: "no-victim", memcg: "/a", explanation: "", time: "", seq: 2 });
  return counters.kept();
};

test("no file is no counters", () => {
  expect(readCounters(runtimeDir())).toBeNull();
});

test("what is written is read", () => {
  const dir = runtimeDir();
  const state = { memcgs: counted(), seen: new Map([[2n ** 60n, 7]]) };
  writeCounters(dir, state);
  expect(readCounters(dir)).toEqual(state);
});

test("after a boot the kernel counts anew", () => {
  const dir = runtimeDir();
  writeCounters(dir, { memcgs: counted(), seen: new Map([[1n, 7]]) });
  const file = countersFile(dir);
  writeFileSync(file, readFileSync(file, "utf8").replace(/"bootId":"[^"]*"/, '"bootId":"another"'));
  expect(readCounters(dir)).toEqual({ memcgs: counted(), seen: new Map() });
});

const CHANGES: [string, string, string][] = [
  ["cut short", '"}]}', ""],
  ["another version", '"version":1', '"version":2'],
  ["a negative count", '"local":1', '"local":-1'],
  ["a fraction", '"local":1', '"local":0.5'],
  ["a number beyond all numbers", '"local":1', '"local":1e999'],
  ["a word", '"local":1', '"local":"1"'],
  ["a cause missing", '"system"', '"sys"'],
  ["no path", '"memcg":"/a"', '"memcg":"a"'],
  ["no inode number", '"ino"', '"inode"'],
  ["no list", '"memcgs":[', '"memcgs":{},"x":['],
];

test.each(CHANGES)("%s is refused", (_, from, to) => {
  const dir = runtimeDir();
  writeCounters(dir, { memcgs: counted(), seen: new Map() });
  const file = countersFile(dir);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, from === '"}]}' ? text.slice(0, -10) : text.replace(from, to));
  expect(() => readCounters(dir)).toThrow();
});

test("no text does anything but throw an Error", () => {
  const dir = runtimeDir();
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      writeFileSync(countersFile(dir), text);
      expect(() => readCounters(dir)).toThrow(Error);
    }),
  );
});
