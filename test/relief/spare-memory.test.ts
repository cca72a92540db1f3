import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { parseKibibytes } from "../../src/kernel/parse/kibibytes.ts";
import { roomAbove, unusedBytes } from "../../src/relief/spare-memory.ts";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;
beforeEach(() => {
  directory = new WatchedDirectory();
  directory.start("/a/b/c");
});
afterEach(() => directory.remove());

const fill = (path: string, usage: number, limit: number) => {
  writeFileSync(`${directory.path}${path}/memory.usage_in_bytes`, `${usage}\n`);
  writeFileSync(`${directory.path}${path}/memory.limit_in_bytes`, `${limit}\n`);
};

test("room is that of the tightest limit above, the memcg's own aside", () => {
  const node = directory.tree.find("/a/b/c") as TreeNode;
  expect(roomAbove(directory.tree, node)).toBe(Number.POSITIVE_INFINITY);
  fill("", 500, 2 ** 63);
  fill("/a", 300, 1_000);
  fill("/a/b", 100, 400);
  fill("/a/b/c", 99, 100);
  expect(roomAbove(directory.tree, node)).toBe(300);
});

test.each([
  [100, 200, 64, 64],
  [180, 200, 64, 20],
  [250, 200, 64, 0],
])("of a usage of %i below %i, %i of it lent, %i is unused", (usage, limit, lent, unused) => {
  fill("/a", usage, limit);
  expect(unusedBytes(`${directory.path}/a`, lent)).toBe(unused);
});

test.each([
  ["MemTotal:       24684516 kB\nMemAvailable:   24019984 kB\n", "MemAvailable", 24_596_463_616],
  ["MemTotal: 1 MB\n", "MemTotal", 0],
  ["XMemTotal: 1 kB\n", "MemTotal", 0],
  ["", "MemTotal", 0],
])("%j, %s", (text, key, bytes) => expect(parseKibibytes(text, key) ?? 0).toBe(bytes));
