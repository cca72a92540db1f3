import { describe, expect, test } from "vitest";
import { policies } from "../../policies/index.ts";
import { strictPriority } from "../../policies/strict-priority.ts";
import { plainly } from "../../src/select/how.ts";
import { orderOf } from "../../src/select/order.ts";
import type { Candidate } from "../../src/select/types.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { SnapshotMemcg, SnapshotTask } from "../../src/snapshot/types.ts";
import { SpiedMemcg } from "../support/spied-hierarchy.ts";

type Facts = Omit<SnapshotTask, "pid" | "memcg"> & { readonly pid?: number };

const process = (facts: Facts): Candidate => {
  const snapshot = { oomMemcg: "/", memcgs: [], tasks: [{ pid: 9, memcg: "/", ...facts }], exclude: [] };
  const [task] = hierarchyOf(snapshot).tasks;
  if (task === undefined) throw new Error("no task");
  return { kind: "process", task };
};
const memcg = (facts: SnapshotMemcg): Candidate & { readonly memcg: SpiedMemcg } => {
  const inner = hierarchyOf({ oomMemcg: facts.path, memcgs: [facts], tasks: [], exclude: [] });
  return { kind: "memcg", memcg: new SpiedMemcg(inner) };
};

const order = (siblings: readonly Candidate[]) =>
  orderOf(
    strictPriority,
    plainly(strictPriority),
    hierarchyOf({ oomMemcg: "/", memcgs: [], tasks: [], exclude: [] }),
    siblings,
  );
const rank = (siblings: readonly Candidate[]) => order(siblings).ranked;

test("every policy stands in the table under its own name", () => {
  expect([...policies].every(([name, policy]) => policy.name === name)).toBe(true);
  expect(policies.get("strict-priority")).toBe(strictPriority);
});

describe("who goes first, and which comparison decided", () => {
  test.each([
    ["badness", process({ badness: 1, rssBytes: 1 }), process({ badness: 2, rssBytes: 9 })],
    ["badness", memcg({ path: "/b", badness: 1 }), process({ badness: 2, rssBytes: 9 })],
    ["badness", process({ badness: 0 }), memcg({ path: "/b", badness: 9999, rssBytes: 9 })],
    ["rss", process({ rssBytes: 9, startTime: 1 }), process({ rssBytes: 8, startTime: 2 })],
    ["rss", memcg({ path: "/b", rssBytes: 9 }), memcg({ path: "/a", rssBytes: 8 })],
    ["rss", memcg({ path: "/b", rssBytes: 9 }), process({ rssBytes: 8 })],
    ["kind", process({ rssBytes: 9 }), memcg({ path: "/a", rssBytes: 9 })],
    ["startTime", process({ startTime: 2, pid: 3 }), process({ startTime: 1, pid: 4 })],
    ["pid", process({ pid: 4 }), process({ pid: 3 })],
    ["path", memcg({ path: "/a" }), memcg({ path: "/b" })],
  ] as const)("%s", (by, first, second) => {
    expect([...rank([second, first])]).toEqual([first, second]);
    expect([...rank([first, second])]).toEqual([first, second]);
    expect(order([first, second]).compare(first, second).by).toBe(by);
  });
});

test("a single candidate of its badness is not measured", () => {
  const [low, high] = [memcg({ path: "/a", badness: 1 }), memcg({ path: "/b", badness: 2 })];
  expect([...rank([high, low])]).toEqual([low, high]);
  expect([...low.memcg.log(), ...high.memcg.log()]).toEqual([]);
});

test("the smallest of a bucket is told by its ceiling alone", () => {
  const [large, small] = [memcg({ path: "/a", rssBytes: 9 }), memcg({ path: "/b", rssBytes: 8 })];
  expect([...rank([small, large])]).toEqual([large, small]);
  expect(small.memcg.log()).toEqual(["/b rssCeilingBytes"]);
});

test("nobody to rank", () => {
  expect([...rank([])]).toEqual([]);
});
