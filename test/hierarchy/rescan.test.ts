import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TreeChanges } from "../../src/hierarchy/tree.ts";
import { shapeOf, short, WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;

beforeEach(() => {
  directory = new WatchedDirectory();
});
afterEach(() => directory.remove());

describe("rescan()", () => {
  /** As after an overflow: nothing is heard of what `change` does. */
  function unheard(change: () => void): TreeChanges {
    change();
    return directory.tree.rescan();
  }

  test.each([
    ["nothing", [], () => {}, [], []],
    ["a new one in a new one", ["/a"], () => directory.mkdir("/a/b/c"), ["/a/b", "/a/b/c"], []],
    ["one removed", ["/a/b", "/c"], () => directory.rmdir("/a/b"), [], ["/a/b"]],
    ["one renamed", ["/a/b"], () => directory.rename("/a", "/z"), ["/z", "/z/b"], ["/a/b", "/a"]],
    [
      "two that changed places",
      ["/a/x", "/b/y"],
      () => {
        directory.rename("/a", "/t");
        directory.rename("/b", "/a");
        directory.rename("/t", "/b");
      },
      ["/a", "/a/y", "/b", "/b/x"],
      ["/a/x", "/a", "/b/y", "/b"],
    ],
    [
      "one made again under the same name",
      ["/a/x"],
      () => {
        directory.rmdir("/a/x");
        directory.rmdir("/a");
        directory.mkdir("/a/y");
      },
      ["/a", "/a/y"],
      ["/a/x", "/a"],
    ],
  ] as const)("finds %s", (_, before, change, added, removed) => {
    directory.start(...before);
    const changes = short(unheard(change));
    expect({ added: changes.added.sort(), removed: changes.removed.sort() }).toEqual({
      added: [...added].sort(),
      removed: [...removed].sort(),
    });
    expect(shapeOf(directory.tree)).toEqual(directory.onDisk());
  });

  test("and everything is heard from afterwards", () => {
    directory.start("/a/x", "/b/y");
    unheard(() => {
      directory.rename("/a", "/t");
      directory.rename("/b", "/a");
      directory.rename("/t", "/b");
      directory.mkdir("/c/z");
    });
    for (const path of ["/a/y/1", "/b/x/2", "/c/z/3"]) directory.mkdir(path);
    expect(short(directory.tree.drain()).added.sort()).toEqual(["/a/y/1", "/b/x/2", "/c/z/3"]);
  });
});
