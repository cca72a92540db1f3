import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemcgTree, type TreeNode } from "../../src/hierarchy/tree.ts";
import { readText } from "../../src/kernel/read.ts";
import { DeepDirectory } from "../support/deep-directory.ts";
import { pathsOf, shapeOf, short, WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;

beforeEach(() => {
  directory = new WatchedDirectory();
});
afterEach(() => directory.remove());

describe("what drain() brings", () => {
  test.each([
    ["nothing", [], () => {}, [], []],
    ["a new one", [], () => directory.mkdir("/a"), ["/a"], []],
    ["one removed", ["/a"], () => directory.rmdir("/a"), [], ["/a"]],
    ["one renamed", ["/a"], () => directory.rename("/a", "/b"), ["/b"], ["/a"]],
    [
      "one renamed with all below it",
      ["/a/x/y"],
      () => directory.rename("/a", "/b"),
      ["/b", "/b/x", "/b/x/y"],
      ["/a/x/y", "/a/x", "/a"],
    ],
    [
      "one renamed there and back",
      ["/a/x"],
      () => {
        directory.rename("/a", "/b");
        directory.rename("/b", "/a");
      },
      ["/a", "/a/x"],
      ["/a/x", "/a"],
    ],
    ["a chain", [], () => directory.mkdir("/a/b/c/d"), ["/a", "/a/b", "/a/b/c", "/a/b/c/d"], []],
    ["one below one that was there", ["/a/b"], () => directory.mkdir("/a/b/c"), ["/a/b/c"], []],
    ["a file, which is no memcg", ["/a"], () => writeFileSync(`${directory.path}/a/tasks`, ""), [], []],
  ] as const)("%s", (_, before, change, added, removed) => {
    directory.start(...before);
    change();
    expect(short(directory.tree.drain())).toEqual({ added, removed });
    expect(shapeOf(directory.tree)).toEqual(directory.onDisk());
    expect(short(directory.tree.drain())).toEqual({ added: [], removed: [] });
  });

  test("one that came and went again is not in the tree", () => {
    directory.start();
    directory.mkdir("/a");
    directory.rmdir("/a");
    directory.tree.drain();
    expect(directory.tree.find("/a")).toBeNull();
  });

  test("one made again under the same name is another", () => {
    directory.start("/a/x");
    const before = directory.tree.find("/a");
    directory.rmdir("/a/x");
    directory.rmdir("/a");
    directory.mkdir("/a/y");
    const { removed } = directory.tree.drain();
    expect(removed).toContain(before);
    expect(directory.tree.find("/a")?.ino).not.toBe(before?.ino);
    expect(pathsOf(directory.tree.walk())).toEqual(["/", "/a", "/a/y"]);
  });

  test("one renamed is heard from under its new name", () => {
    directory.start("/a");
    directory.rename("/a", "/b");
    directory.tree.drain();
    directory.mkdir("/b/x");
    expect(short(directory.tree.drain())).toEqual({ added: ["/b/x"], removed: [] });
  });

  test("its descriptor is readable when there is something to drain", () => {
    directory.start();
    expect(directory.tree.changeFd).toBeGreaterThan(2);
    expect(directory.tree.degraded).toBeNull();
  });
});

describe("finding and naming", () => {
  test.each([
    ["/", "/"],
    ["", "/"],
    ["/a", "/a"],
    ["/a/b", "/a/b"],
    ["a/b/", "/a/b"],
    ["//a//b", "/a/b"],
    ["/a/c", null],
    ["/b", null],
    ["/a/b/c/d", null],
  ])("%j is %j", (path, found) => {
    directory.start("/a/b");
    expect(directory.tree.find(path)?.path ?? null).toBe(found);
  });

  test("a directory for every memcg", () => {
    directory.start("/a/b");
    expect(Array.from(directory.tree.walk(), (node) => directory.tree.directoryOf(node))).toEqual([
      directory.path,
      `${directory.path}/a`,
      `${directory.path}/a/b`,
    ]);
  });

  test.each(["a b", "*", "$(reboot)", "\\x2d", "new\nline", "é", "caf\udce9", "\udcff\udcfe"])(
    "a name of %j",
    (name) => {
      directory.start();
      mkdirSync(Buffer.concat([Buffer.from(`${directory.path}/`), bytesOf(name)]));
      expect(short(directory.tree.drain())).toEqual({ added: [`/${name}`], removed: [] });
      expect(pathsOf(new MemcgTree(directory.path, false).walk())).toEqual(["/", `/${name}`]);
    },
  );

  test("a mount point that is not there is an error that says so", () => {
    directory.start();
    expect(() => new MemcgTree(`${directory.path}/nothing`, false)).toThrow("there is no such directory");
  });
});

/** For names in which a surrogate stands for a byte, and nothing is outside ASCII but é. */
function bytesOf(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name);
  return Buffer.from(Array.from(name, (character) => character.charCodeAt(0) & 0xff));
}

test("paths longer than the kernel takes in one call", () => {
  const deep = new DeepDirectory(
    directory.path,
    Array.from({ length: 40 }, (_, level) => `${level}-`.padEnd(220, "x")),
  );
  try {
    directory.start();
    expect([...directory.tree.walk()]).toHaveLength(41);
    expect(directory.tree.degraded).toBeNull();
    const bottom = [...directory.tree.walk()].at(-1) as TreeNode;
    expect(directory.tree.directoryOf(bottom)).toBe(deep.path);
    expect(deep.path.length).toBeGreaterThan(8192);
    deep.write("cgroup.procs", "7\n");
    expect(readText(`${deep.path}/cgroup.procs`)).toBe("7\n");
    deep.mkdir("more");
    expect(short(directory.tree.drain())).toEqual({ added: [`${bottom.path}/more`], removed: [] });
  } finally {
    deep.remove();
  }
  expect(directory.tree.drain().removed).toHaveLength(41);
});

test("more levels than a stack has room for", () => {
  const deep = new DeepDirectory(
    directory.path,
    Array.from({ length: 4_000 }, () => "d"),
  );
  try {
    directory.start();
    expect([...directory.tree.walk()]).toHaveLength(4_001);
    expect(short(directory.tree.rescan())).toEqual({ added: [], removed: [] });
  } finally {
    deep.remove();
  }
  expect(directory.tree.rescan().removed).toHaveLength(4_000);
});

test("2,000 mkdir and rmdir in a row end in step with the disk", () => {
  directory.start("/kept");
  for (let round = 0; round < 1_000; round++) {
    directory.mkdir(`/n${round % 7}`);
    if (round % 10 !== 9) directory.rmdir(`/n${round % 7}`);
    directory.mkdir(`/kept/m${round}`);
  }
  const { added, removed } = directory.tree.drain();
  expect(added.length - removed.length).toBe([...directory.tree.walk()].length - 2);
  expect(shapeOf(directory.tree)).toEqual(directory.onDisk());
});
