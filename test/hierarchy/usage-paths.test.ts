import { readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;

beforeEach(() => {
  directory = new WatchedDirectory();
});
afterEach(() => directory.remove());

test("what is read is what is there now", () => {
  directory.start("/a");
  for (const bytes of [4096, 0, 9_007_199_254_740_991]) {
    charge("/a", bytes);
    expect(usageOf("/a")).toBe(bytes);
  }
});

test("what is removed is 0", () => {
  directory.start("/a");
  charge("/a", 4096);
  const node = directory.tree.find("/a");
  expect(usageOf("/a")).toBe(4096);
  removeMemcg("/a");
  expect(node && directory.tree.usageBytes(node)).toBe(0);
  directory.tree.drain();
  expect(node && directory.tree.usageBytes(node)).toBe(0);
});

test("another memcg of the same name has its own usage", () => {
  directory.start("/a");
  charge("/a", 4096);
  expect(usageOf("/a")).toBe(4096);
  removeMemcg("/a");
  directory.mkdir("/a");
  charge("/a", 8192);
  directory.tree.drain();
  expect(usageOf("/a")).toBe(8192);
});

test("more siblings than are kept are read rightly, time and again, and no descriptor stays open", () => {
  const names = Array.from({ length: 300 }, (_, index) => `/${index}`);
  directory.start(...names);
  for (const [index, name] of names.entries()) charge(name, index);
  const before = readdirSync("/proc/self/fd").length;
  for (let round = 0; round < 2; round++) expect(names.map(usageOf)).toEqual(names.map((_, index) => index));
  expect(readdirSync("/proc/self/fd")).toHaveLength(before);
});

function charge(memcg: string, bytes: number): void {
  writeFileSync(toFile(memcg), `${bytes}\n`);
}

/** In cgroupfs the files go with their directory. */
function removeMemcg(memcg: string): void {
  unlinkSync(toFile(memcg));
  directory.rmdir(memcg);
}

function toFile(memcg: string): string {
  return `${directory.path}${memcg}/memory.usage_in_bytes`;
}

function usageOf(memcg: string): number | null {
  const node = directory.tree.find(memcg);
  return node && directory.tree.usageBytes(node);
}
