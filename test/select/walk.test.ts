import { describe, expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import type { Choice, Level } from "../../src/select/types.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { SnapshotMemcg, SnapshotTask } from "../../src/snapshot/types.ts";
import { SpiedMemcg } from "../support/spied-hierarchy.ts";

describe("the first choice asks for", () => {
  test.each([
    ["no size where badness decides", [{ badness: 1 }, { badness: 2 }], []],
    [
      "ceilings of the lowest badness alone",
      [{ badness: 1, rssBytes: 9 }, { badness: 1, rssBytes: 5 }, { badness: 2 }],
      ["/m/0 rssBytes", "/m/0 rssCeilingBytes", "/m/1 rssCeilingBytes"],
    ],
    [
      "every size while ceilings tie",
      [{ rssBytes: 5 }, { rssBytes: 5 }],
      ["/m/0 rssBytes", "/m/0 rssCeilingBytes", "/m/1 rssBytes", "/m/1 rssCeilingBytes"],
    ],
  ] as const)("%s", (_, facts, sizes) => {
    const root = spied(
      facts.map((each, index) => ({ path: `/m/${index}`, ...each })),
      facts.map((__, index) => ({ pid: index + 2, memcg: `/m/${index}` })),
    );
    const [first] = rank(root, strictPriority);
    expect(first?.victim).toMatchObject({ task: { pid: 2 } });
    const log = root.log();
    expect(log.filter((each) => each.includes("rss")).sort()).toEqual(sizes);
    expect(log.filter((each) => !each.includes("rss"))).toEqual([
      "/m tasks",
      "/m children",
      "/m/0 tasks",
      "/m/0 children",
    ]);
  });

  test("nothing below a protected memcg, nor of a group's siblings", () => {
    const root = spied(
      [
        { path: "/m/kept", badness: 10_000 },
        { path: "/m/g", badness: 1, kill: "group" },
        { path: "/m/z", badness: 2 },
      ],
      [
        { pid: 2, memcg: "/m/g" },
        { pid: 3, memcg: "/m/kept" },
        { pid: 4, memcg: "/m/z" },
      ],
    );
    const [first] = rank(root, strictPriority);
    expect(first?.victim.kind).toBe("memcg");
    expect(root.log()).toEqual(["/m tasks", "/m children", "/m/g tasks", "/m/g children"]);
  });
});

test("says which comparison each loser lost, and who was no candidate", () => {
  const root = hierarchyOf({
    oomMemcg: "/m",
    memcgs: [
      { path: "/m/c", rssBytes: 8 },
      { path: "/m/low", badness: 1 },
      { path: "/m/kept", badness: 10_000 },
    ],
    tasks: [
      { pid: 1, memcg: "/m" },
      { pid: 2, memcg: "/m", rssBytes: 8, startTime: 3 },
      { pid: 3, memcg: "/m", rssBytes: 8, startTime: 2 },
      { pid: 4, memcg: "/m", rssBytes: 8, startTime: 3 },
      { pid: 5, memcg: "/m", rssBytes: 7 },
      { pid: 6, memcg: "/m", badness: 6000 },
      { pid: 7, memcg: "/m", kernelThread: true },
      { pid: 8, memcg: "/m", state: "Z" },
      { pid: 9, memcg: "/m", dying: true },
      { pid: 10, memcg: "/m" },
      { pid: 11, memcg: "/m", oomScoreAdj: -1000 },
      { pid: 12, memcg: "/m", badness: 10_000 },
      { pid: 13, memcg: "/m/c" },
    ],
    exclude: [10],
  });
  const [first, second] = rank(root, strictPriority);
  const common = {
    1: "pid 1",
    7: "kernel thread",
    8: "zombie",
    9: "already dying",
    10: "excluded",
    11: "oom_score_adj -1000",
    12: "protected",
    "/m/kept": "protected",
    "/m/low": "no killable process",
    3: "startTime",
    5: "rss",
    6: "badness",
    "/m/c": "kind",
  };
  expect(reasons(first)).toEqual({ ...common, 2: "pid" });
  expect(reasons(second)).toEqual({ ...common, 4: "tried" });
});

test("a memcg that gave victims has been tried, one that gave none holds nobody", () => {
  const root = hierarchyOf({
    oomMemcg: "/m",
    memcgs: [
      { path: "/m/a", badness: 1 },
      { path: "/m/b", badness: 2 },
    ],
    tasks: [
      { pid: 2, memcg: "/m/a" },
      { pid: 3, memcg: "/m/b", state: "Z" },
      { pid: 4, memcg: "/m" },
    ],
    exclude: [],
  });
  const [, last] = rank(root, strictPriority);
  expect(reasons(last)).toEqual({ "/m/a": "tried", "/m/b": "no killable process" });
});

test("returns the level of the OOM memcg when nobody may be killed", () => {
  const ending = rank(spied([{ path: "/m/a" }], [{ pid: 2, memcg: "/m/a", state: "Z" }]), strictPriority).next();
  expect(ending.done).toBe(true);
  expect(ending.value).toMatchObject({ chosen: null, losers: [{ reason: "no killable process" }] });
});

test("ranks 10,000 children of one level in less than a second", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => index);
  const root = spied(
    names.map((index) => ({ path: `/m/é${index}`, rssBytes: index % 7 })),
    names.map((index) => ({ pid: index + 2, memcg: `/m/é${index}` })),
    5,
  );
  const start = performance.now();
  expect([...rank(root, strictPriority)]).toHaveLength(10_000);
  expect(performance.now() - start).toBeLessThan(1000);
});

test("comes down 4,000 levels and back up", () => {
  const tasks = Array.from({ length: 4000 }, (_, depth) => ({ pid: depth + 2, memcg: `/m${"/d".repeat(depth)}` }));
  const root = hierarchyOf({ oomMemcg: "/m", memcgs: [], tasks, exclude: [] });
  let count = 0;
  for (const { levels } of rank(root, strictPriority)) count += levels.length > 0 ? 1 : 0;
  expect(count).toBe(4000);
});

function spied(memcgs: SnapshotMemcg[], tasks: SnapshotTask[], slack = 0): SpiedMemcg {
  return new SpiedMemcg(hierarchyOf({ oomMemcg: "/m", memcgs, tasks, exclude: [] }), slack);
}

function reasons(choice: Choice | undefined): Record<string, string> {
  const level: Level | undefined = choice?.levels[0];
  const entries = (level?.losers ?? []).map((loser) => {
    const { candidate, reason } = loser;
    const by = loser.reason === "lost" ? loser.comparison.by : reason;
    return [candidate.kind === "process" ? candidate.task.pid : candidate.memcg.path, by];
  });
  return Object.fromEntries(entries);
}
