import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import type { LiveMemcg } from "../../src/hierarchy/live.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import { rank } from "../../src/select/walk.ts";
import { printSnapshot } from "../../src/snapshot/print.ts";
import { recordOf } from "../../src/snapshot/record.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import { naiveRank, type ShortVictim } from "../support/naive-rank.ts";
import { snapshotOf } from "../support/snapshot-fixtures.ts";
import {
  type ExpectedTree,
  expectedOf,
  openTree,
  shortVictim,
  treeCases,
  treeDirectory,
} from "../support/tree-fixtures.ts";

/** The first `count` victims; asks for no more. */
function firstVictims(root: Memcg, count: number): ShortVictim[] {
  const ranking = rank(root, strictPriority);
  return Array.from({ length: count }, () => {
    const next = ranking.next();
    if (next.done === true) throw new Error("nobody is left");
    return shortVictim(next.value.victim);
  });
}

const replayed = (root: LiveMemcg): Memcg => hierarchyOf(snapshotOf(printSnapshot(recordOf(root))));

describe.each(treeCases)("%s", (name) => {
  const expected = expectedOf(name);
  const open = () => openTree(treeDirectory(name), expected);

  test("the walk finds the victims in their order", () => {
    expect(Array.from(rank(open(), strictPriority), ({ victim }) => shortVictim(victim))).toEqual(expected.ranked);
  });

  test("the contract read word for word finds the same", () => {
    expect(naiveRank(open())).toEqual(expected.ranked);
  });

  test.each(expected.ranked.map((_, index) => index + 1))(
    "what was read for %i victims replays to the same",
    (count) => {
      const root = open();
      const victims = firstVictims(root, count);
      expect(victims).toEqual(expected.ranked.slice(0, count));
      expect(firstVictims(replayed(root), count)).toEqual(victims);
    },
  );

  test("a second walk over what was read reads nothing more", () => {
    const root = open();
    const victims = firstVictims(root, 1);
    const record = printSnapshot(recordOf(root));
    expect(firstVictims(root, 1)).toEqual(victims);
    expect(printSnapshot(recordOf(root))).toBe(record);
  });
});

describe("what the walk does not need", () => {
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/badnessd-live-`);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const copy = (name: string) => {
    cpSync(treeDirectory(name), directory, { recursive: true });
    return expectedOf(name);
  };

  /** Whoever reads one of these from now on throws EISDIR. */
  function spoil(memcg: string, files: readonly string[] = readdirSync(`${directory}/sys${memcg}`)): void {
    for (const file of files) {
      const path = `${directory}/sys${memcg}/${file}`;
      unlinkSync(path);
      mkdirSync(path);
    }
  }

  test.each([
    ["a memcg that loses on badness", "process-beside-memcgs", { "/jobs/b": { badness: 100 } }, "/jobs/a", 17415],
    [
      "both memcgs, where the process has the lowest badness",
      "process-beside-memcgs",
      { "/jobs/a": { badness: 6000 }, "/jobs/b": { badness: 7000 } },
      "/jobs/b",
      17413,
    ],
    ["a memcg that is protected", "tie-by-size", { "/jobs/b": { badness: 10_000 } }, "/jobs/b", 17411],
    [
      "a memcg behind a group",
      "group",
      { "/jobs/batch": { badness: 1, kill: "group" } },
      "/jobs/web",
      "/jobs/batch 17420,17421,17422",
    ],
  ] as const)("%s is never read", (_, name, memcgs, unread, victim) => {
    const { oomMemcg } = copy(name);
    spoil(unread);
    const expected: ExpectedTree = { oomMemcg, memcgs, ranked: [] };
    expect(firstVictims(openTree(directory, expected), 1)).toEqual([victim]);
  });

  test("and is in the record by name alone, with nothing below it", () => {
    const memcgs = { "/jobs/hollow": { badness: 9999 } };
    const root = openTree(treeDirectory("empty-memcgs"), { oomMemcg: "/jobs", memcgs, ranked: [] });
    expect(firstVictims(root, 1)).toEqual([17424]);
    const record = recordOf(root).memcgs;
    expect(record.find(({ path }) => path === "/jobs/hollow")).toEqual({
      path: "/jobs/hollow",
      badness: 9999,
      kill: "process",
    });
    expect(record.filter(({ path }) => path.startsWith("/jobs/hollow/"))).toEqual([]);
  });

  test("a memcg whose usage is below another's size is not measured", () => {
    const expected = copy("tie-by-size");
    spoil("/jobs/a", ["memory.stat", "cgroup.procs"]);
    expect(firstVictims(openTree(directory, expected), 1)).toEqual([17412]);
  });

  test("but one whose usage could hide more is", () => {
    const expected = copy("tie-by-size");
    spoil("/jobs/b", ["memory.stat"]);
    expect(() => firstVictims(openTree(directory, expected), 1)).toThrow(/EISDIR/);
  });
});

describe("what changes while the walk looks", () => {
  let directory = "";
  let expected: ExpectedTree;

  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/badnessd-live-`);
    cpSync(treeDirectory("strange-names"), directory, { recursive: true });
    expected = expectedOf("strange-names");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const victimsOf = (root: Memcg) => Array.from(rank(root, strictPriority), ({ victim }) => shortVictim(victim));

  test.each([
    ["the memcg", "sys/jobs/$(reboot)"],
    ["its list of processes", "sys/jobs/$(reboot)/cgroup.procs"],
    ["the process", "proc/17427"],
    ["its stat", "proc/17427/stat"],
  ])("the first in line loses %s: it is passed over", (_, gone) => {
    const root = openTree(directory, expected);
    rmSync(`${directory}/${gone}`, { recursive: true });
    expect(victimsOf(root)).toEqual(expected.ranked.slice(1));
  });

  test("a zombie with no thread left is nobody", () => {
    cpSync(treeDirectory("zombie-leader"), directory, { recursive: true });
    rmSync(`${directory}/proc/17417/task/17418`, { recursive: true });
    expect(naiveRank(openTree(directory, { ...expected, oomMemcg: "/jobs/a" }))).toEqual([17416]);
  });

  test("a name that is no UTF-8 comes through the walk, the record and back", () => {
    const from = `${directory}/sys/jobs/$(reboot)`;
    const bytes = Buffer.concat([Buffer.from(`${directory}/sys/jobs/caf`), Buffer.of(0xe9, 0x20, 0xff)]);
    renameSync(from, bytes);
    const root = openTree(directory, expected);
    expect(victimsOf(root)).toEqual(expected.ranked);
    expect(root.children.map(({ path }) => path)).toContain("/jobs/caf\udce9 \udcff");
    expect(victimsOf(replayed(root))).toEqual(expected.ranked);
  });
});
