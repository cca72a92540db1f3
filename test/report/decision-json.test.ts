import { expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import { decisionJson } from "../../src/report/decision-json.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import { readCase } from "../support/snapshot-fixtures.ts";
import { SpiedMemcg } from "../support/spied-hierarchy.ts";

test("a group: who goes with it, and who is spared", () => {
  const ranking = [...rank(hierarchyOf(readCase("group-and-protected")), strictPriority)];
  expect(decisionJson(ranking, ranking[0]?.levels ?? [])).toEqual({
    victim: { kind: "memcg", path: "/jobs/batch", pids: [31, 32] },
    ranked: [
      { kind: "memcg", path: "/jobs/batch", pids: [31, 32] },
      { kind: "process", pid: 35, memcg: "/jobs/web" },
    ],
    levels: [
      {
        memcg: "/jobs",
        group: false,
        chosen: { kind: "memcg", path: "/jobs/batch", badness: 100, rssBytes: 12_288 },
        why: "lowest badness",
        losers: [
          { kind: "memcg", path: "/jobs/web", badness: 200, rssBytes: 4096, reason: "badness" },
          { kind: "memcg", path: "/jobs/db", badness: 10_000, rssBytes: 1_000_000, reason: "protected" },
        ],
      },
      {
        memcg: "/jobs/batch",
        group: true,
        chosen: null,
        why: "",
        losers: [{ kind: "process", pid: 33, comm: "", badness: 5000, rssBytes: 4096, reason: "oom_score_adj -1000" }],
      },
    ],
  });
});

test("nobody", () => {
  expect(decisionJson([], [])).toEqual({ victim: null, ranked: [], levels: [] });
});

test("a size that was never read is null", () => {
  const root = new SpiedMemcg(hierarchyOf(readCase("alibaba-example")));
  const [first] = rank(root, strictPriority);
  const { levels } = decisionJson([], first?.levels ?? []);
  expect(levels[0]?.losers).toEqual([{ kind: "memcg", path: "/A", badness: 10, rssBytes: null, reason: "badness" }]);
});
