import { expect, test } from "vitest";
import type { Task } from "../../src/hierarchy/types.ts";
import { verdictOn } from "../../src/kill/census.ts";
import { isSameSet } from "../../src/kill/together.ts";

const task = (facts: Partial<Task> = {}): Task => ({
  pid: 100,
  memcg: "/a",
  rssBytes: 0,
  badness: 5000,
  startTime: 1,
  oomScoreAdj: 0,
  comm: "x",
  state: "S",
  kernelThread: false,
  dying: false,
  excluded: false,
  facts: { swapBytes: null, pageTableBytes: null },
  ...facts,
});

const why = (facts: Partial<Task>, isShielded = false, includeProtected = false) => {
  const verdict = verdictOn(task(facts), isShielded, includeProtected);
  return typeof verdict === "string" ? verdict : verdict.why;
};

test.each([
  ["an ordinary one", {}, "kill"],
  ["badness never", { badness: 10_000 }, "protected"],
  ["oom_score_adj -1000", { oomScoreAdj: -1000 }, "oom_score_adj -1000"],
  ["badnessd", { excluded: true }, "excluded"],
  ["pid 1", { pid: 1 }, "pid 1"],
  ["a kernel thread", { kernelThread: true }, "kernel thread"],
  ["one on its way out", { dying: true }, "dying"],
])("%s", (_, facts, expected) => {
  expect(why(facts)).toBe(expected);
});

test("in a protected memcg nobody dies", () => {
  expect(why({}, true)).toBe("in a protected memcg");
  expect(why({ badness: 10_000 }, true)).toBe("protected");
});

test("whoever is protected dies where that is asked for, and nobody else more than before", () => {
  expect(why({ badness: 10_000 }, true, true)).toBe("kill");
  expect(why({ oomScoreAdj: -1000 }, false, true)).toBe("kill");
  for (const facts of [{ excluded: true }, { pid: 1 }, { kernelThread: true }]) {
    expect(why(facts, true, true)).toBe(why(facts));
  }
});

test("a v2 cgroup is struck only if it is the same set", () => {
  const [a, b] = [task({ pid: 1 }), task({ pid: 2 })];
  expect(isSameSet([1, 2], { killable: [a, b], dying: [] })).toBe(true);
  expect(isSameSet([1, 2], { killable: [a], dying: [b] })).toBe(true);
  expect(isSameSet([1, 2, 3], { killable: [a, b], dying: [] })).toBe(false);
  expect(isSameSet([1], { killable: [a, b], dying: [] })).toBe(false);
});
