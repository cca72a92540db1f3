import { readdirSync, readlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;

beforeEach(() => {
  directory = new WatchedDirectory();
});
afterEach(() => directory.remove());

test("what is read is what is there now, though the file stays open", () => {
  directory.start("/a");
  for (const bytes of [4096, 0, 9_007_199_254_740_991]) {
    charge("/a", bytes);
    expect(usageOf("/a")).toBe(bytes);
  }
  expect(openFiles()).toEqual([`${directory.path}/a/memory.usage_in_bytes`]);
});

test("what is removed is 0, and nothing of it stays open", () => {
  directory.start("/a");
  charge("/a", 4096);
  const node = directory.tree.find("/a");
  expect(usageOf("/a")).toBe(4096);
  removeMemcg("/a");
  directory.tree.drain();
  expect(openFiles()).toEqual([]);
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

test("of many siblings the last 64 stay open, and all are read rightly", () => {
  const names = Array.from({ length: 100 }, (_, index) => `/${index}`);
  directory.start(...names);
  for (const [index, name] of names.entries()) charge(name, index);
  for (let round = 0; round < 2; round++) expect(names.map(usageOf)).toEqual(names.map((_, index) => index));
  expect(openFiles()).toHaveLength(64);
  directory.tree.close();
  expect(openFiles()).toEqual([]);
});

function charge(memcg: string, bytes: number): void {
  writeFileSync(`${directory.path}${memcg}/memory.usage_in_bytes`, `${bytes}\n`);
}

/** In cgroupfs the files go with their directory. */
function removeMemcg(memcg: string): void {
  unlinkSync(`${directory.path}${memcg}/memory.usage_in_bytes`);
  directory.rmdir(memcg);
}

function usageOf(memcg: string): number | null {
  const node = directory.tree.find(memcg);
  return node && directory.tree.usageBytes(node);
}

/** Files below the directory that this process has open. */
function openFiles(): string[] {
  const files = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return files.filter((file) => file.startsWith(`${directory.path}/`));
}
