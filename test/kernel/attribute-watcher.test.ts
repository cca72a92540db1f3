import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AttributeWatcher } from "../../src/kernel/attribute-watcher.ts";

const BASE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

let directory = "";
let watcher: AttributeWatcher;
let watches: (number | null)[];

beforeEach(() => {
  directory = mkdtempSync(`${BASE}/badnessd-attributes-`);
  mkdirSync(`${directory}/child`);
  writeFileSync(`${directory}/file`, "");
  watcher = new AttributeWatcher();
  watches = [watcher.watch(directory), watcher.watch(`${directory}/child`)];
});
afterEach(() => {
  watcher.close();
  rmSync(directory, { recursive: true });
});

const changed = () => [...watcher.drain().watches].map((watch) => ["top", "child"][watches.indexOf(watch)]);

test.each([
  ["nothing", () => {}, []],
  ["the top", () => chmodSync(directory, 0o700), ["top"]],
  ["its child", () => chmodSync(`${directory}/child`, 0o700), ["child"]],
  ["a file in it", () => chmodSync(`${directory}/file`, 0o600), []],
  ["a new directory", () => mkdirSync(`${directory}/new`), []],
] as const)("says that %s changed", (_, change, expected) => {
  change();
  expect(changed()).toEqual(expected);
  expect(changed()).toEqual([]);
});

test("many changes of one are one", () => {
  for (let n = 0; n < 1_000; n++) chmodSync(`${directory}/child`, 0o700 + (n & 7));
  expect(changed()).toEqual(["child"]);
});

test("one that is not watched any more is not heard of", () => {
  watcher.unwatch(watches[1] ?? -1);
  chmodSync(`${directory}/child`, 0o700);
  expect(changed()).toEqual([]);
});

test("one that is gone is null", () => expect(watcher.watch(`${directory}/gone`)).toBeNull());

test("more than the kernel's queue holds is an overflow", () => {
  const capacity = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
  for (let n = 0; n <= capacity / 2 + 1; n++) chmodSync(`${directory}/child`, 0o700);
  let isOverflow = false;
  for (let round = 0; round < 100 && !isOverflow; round++) isOverflow = watcher.drain().isOverflow;
  expect(isOverflow).toBe(true);
});
