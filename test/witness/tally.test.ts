import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { MemcgTree, type TreeNode } from "../../src/hierarchy/tree.ts";
import { Tally } from "../../src/witness/tally.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const path = temporaryDirectory();
let count = 0;

/** Directories that look like memcgs as far as a tally is concerned. */
class Memcgs {
  readonly mount = path(`${++count}`);

  constructor() {
    mkdirSync(this.mount);
  }

  make(memcg: string, kills: number): void {
    mkdirSync(this.mount + memcg, { recursive: true });
    this.kill(memcg, kills);
  }

  /** `kills` in all. */
  kill(memcg: string, kills: number): void {
    writeFileSync(`${this.mount}${memcg}/memory.oom_control`, `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`);
  }
}

let memcgs: Memcgs;
let tree: MemcgTree;
let seen: Map<bigint, number>;
let guarded: string;

const tallyOf = () => new Tally({ tree, seen, isGuarded: (memcg) => memcg === guarded });
const find = (memcg: string): TreeNode => tree.find(memcg) ?? tree.root;
const growthOf = (tally: Tally, memcg: string) => tally.growth(find(memcg), tally.read(find(memcg)) ?? 0);

beforeEach(() => {
  memcgs = new Memcgs();
  memcgs.make("/a", 3);
  memcgs.make("/a/b", 1);
  memcgs.make("/c", 9);
  tree = new MemcgTree(memcgs.mount, false);
  seen = new Map();
  guarded = "/a";
});

test("what was killed before is no concern, in guarded subtrees every kill from now on is", () => {
  const tally = tallyOf();
  tally.begin();
  expect([...tally.nodes()].map((node) => node.path)).toEqual(["/a", "/a/b"]);
  expect([growthOf(tally, "/a"), growthOf(tally, "/a/b")]).toEqual([0, 0]);
  memcgs.kill("/a/b", 3);
  memcgs.kill("/c", 10);
  expect([growthOf(tally, "/a"), growthOf(tally, "/a/b"), growthOf(tally, "/c")]).toEqual([0, 2, 0]);
  tally.account(find("/a/b"), 1);
  expect(growthOf(tally, "/a/b")).toBe(1);
});

test("a run that goes on from another finds what was killed in between", () => {
  tallyOf().begin();
  memcgs.kill("/a/b", 4);
  const next = tallyOf();
  next.begin();
  expect([growthOf(next, "/a"), growthOf(next, "/a/b")]).toEqual([0, 3]);
});

describe("memcgs that come and go", () => {
  test.each<[string, () => void, Record<string, number>]>([
    ["a new one begins with no kills", () => memcgs.make("/a/new", 2), { "/a/new": 2 }],
    ["one that nobody guards is not counted", () => memcgs.make("/new", 2), { "/new": 0 }],
    [
      "made again under the same name it is another",
      () => {
        // The new directory first, or it might get the inode number of the old one.
        memcgs.make("/a/next", 2);
        rmSync(`${memcgs.mount}/a/b`, { recursive: true });
        renameSync(`${memcgs.mount}/a/next`, `${memcgs.mount}/a/b`);
      },
      { "/a/b": 2 },
    ],
    [
      "a renamed one keeps its tally",
      () => {
        renameSync(`${memcgs.mount}/a/b`, `${memcgs.mount}/a/z`);
        memcgs.kill("/a/z", 2);
      },
      { "/a/z": 1 },
    ],
    [
      "one that becomes another's child brings its kills along",
      () => renameSync(`${memcgs.mount}/c`, `${memcgs.mount}/a/c`),
      { "/a/c": 0 },
    ],
  ])("%s", (_, change, expected) => {
    const tally = tallyOf();
    tally.begin();
    change();
    tally.apply(tree.rescan());
    expect(Object.fromEntries(Object.keys(expected).map((memcg) => [memcg, growthOf(tally, memcg)]))).toEqual(expected);
  });

  test("what is gone is forgotten", () => {
    const tally = tallyOf();
    tally.begin();
    rmSync(`${memcgs.mount}/a`, { recursive: true });
    tally.apply(tree.rescan());
    expect(seen.size).toBe(0);
  });
});

test("another oom.guard counts others from then on, and these go on", () => {
  const tally = tallyOf();
  tally.begin();
  memcgs.kill("/a/b", 2);
  memcgs.kill("/c", 20);
  guarded = "/c";
  tally.begin();
  expect([tally.has(find("/a")), tally.has(find("/c")), growthOf(tally, "/c")]).toEqual([false, true, 0]);
  guarded = "/";
  tally.begin();
  memcgs.kill("/c", 21);
  expect([growthOf(tally, "/a/b"), growthOf(tally, "/c")]).toEqual([0, 1]);
});

test("a kernel that does not count is no kills", () => {
  writeFileSync(`${memcgs.mount}/a/memory.oom_control`, "oom_kill_disable 0\nunder_oom 0\n");
  const tally = tallyOf();
  tally.begin();
  expect(tally.read(find("/a"))).toBeNull();
});
