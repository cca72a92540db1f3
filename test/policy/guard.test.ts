import { describe, expect, test } from "vitest";
import type { EvaluatingPolicy, RankingPolicy } from "../../policies/contract.ts";
import { guarded, PolicyFailed, PolicySlow } from "../../src/policy/guard.ts";
import { rank } from "../../src/select/walk.ts";
import { grow, nameOf } from "../support/grow.ts";

const ranking = (rankForKilling: (siblings: readonly unknown[]) => unknown): RankingPolicy => ({
  name: "mine",
  summary: "for a test",
  rankForKilling: rankForKilling as RankingPolicy["rankForKilling"],
  describeKill: () => "mine",
});
const evaluating = (evaluateTask: () => unknown): EvaluatingPolicy => ({
  name: "mine",
  summary: "for a test",
  evaluateTask: evaluateTask as EvaluatingPolicy["evaluateTask"],
});
const victims = (policy: RankingPolicy | EvaluatingPolicy, now?: () => number) =>
  Array.from(rank(grow({ a: [2, 3] }), guarded(policy, now).policy), nameOf);

describe("what is no ranking", () => {
  test.each([
    ["nothing", () => undefined, "rankForKilling gave no list"],
    ["a number", () => 5, "rankForKilling gave no list"],
    ["a stranger", () => [{ kind: "process", task: { pid: 1 } }], "rankForKilling gave an object, no sibling"],
    ["a pid", () => [2], "rankForKilling gave 2, no sibling"],
    [
      "one twice",
      (all: readonly unknown[]) => [...all, ...all],
      "rankForKilling gave an object, no sibling or one given before",
    ],
    [
      "no end of it",
      function* (all: readonly unknown[]) {
        for (;;) yield* all;
      },
      "rankForKilling gave an object",
    ],
    [
      "an error",
      () => {
        throw new Error("no luck");
      },
      "it threw no luck",
    ],
    [
      "an error half way",
      function* (all: readonly unknown[]) {
        yield all[0];
        throw "luck";
      },
      "it threw luck",
    ],
    [
      "an error without words",
      () => {
        throw Object.assign(new Error(), { message: 5 });
      },
      "it threw 5",
    ],
    ["a promise", async () => [], "it gave a promise, and policies are synchronous"],
    ["a promise that fails", () => Promise.reject(new Error("later")), "it gave a promise"],
    [
      "a promise for each",
      (all: readonly unknown[]) => all.map(() => Promise.reject(new Error("later"))),
      "it gave a promise",
    ],
  ])("%s", (_, rankForKilling, why) => {
    expect(() => victims(ranking(rankForKilling))).toThrow(PolicyFailed);
    expect(() => victims(ranking(rankForKilling))).toThrow(why);
  });
});

test.each([["select "], [undefined], [{}], [true]])("%j is no verdict", (verdict) => {
  expect(() => victims(evaluating(() => verdict))).toThrow("evaluateTask answered");
});

test("a verdict is given at once, and what is given later is nobody's failure", () => {
  expect(() => victims(evaluating(() => Promise.reject(new Error("later"))))).toThrow("it gave a promise");
});

describe("prerun", () => {
  const [memcg] = grow({ a: [2] }).children;
  const prerunOf = (prerun: () => unknown, now?: () => number) => {
    const { policy } = guarded({ ...ranking((all) => all), prerun }, now);
    return () => memcg && (policy as RankingPolicy).prerun?.(memcg, undefined, 0, {});
  };

  test("may take its time, each call for itself", () => {
    let nowMs = 0;
    const steps = [200, 200, 251];
    const prerun = prerunOf(
      () => {
        nowMs += steps.shift() ?? 0;
        return nowMs;
      },
      () => nowMs,
    );
    expect([prerun(), prerun()]).toEqual([200, 400]);
    expect(prerun).toThrow(PolicySlow);
  });

  test.each([
    ["a promise", async () => 5, "it gave a promise"],
    ["a promise that fails", () => Promise.reject(new Error("later")), "it gave a promise"],
    ["what no record can hold", () => 5n, "it threw Do not know how to serialize a BigInt"],
    [
      "an error",
      () => {
        throw new Error("no luck");
      },
      "it threw no luck",
    ],
  ])("that gives %s has failed", (_, prerun, why) => expect(prerunOf(prerun)).toThrow(why));
});

test("time is counted over a whole decision, and afresh for the next", () => {
  let nowMs = 0;
  const slow = guarded(
    evaluating(() => {
      nowMs += 100;
      return "next";
    }),
    () => nowMs,
  );
  const decide = (count: number) =>
    Array.from(rank(grow({ a: Array.from({ length: count }, (_, at) => at + 2) }), slow.policy));
  slow.begin();
  expect(decide(2)).toEqual([]);
  expect(() => decide(1)).toThrow("it took 300 ms, more than 250");
  slow.begin();
  expect(decide(2)).toEqual([]);
});

test("what it says of a kill may be nonsense: somebody is dead already", () => {
  const later = {
    ...ranking((siblings) => siblings),
    describeKill: () => Promise.reject(new Error("x")),
    decidedBy: () => Promise.reject(new Error("x")),
  };
  const [put] = rank(grow({ "": [2, 3] }), guarded(later as unknown as RankingPolicy).policy);
  expect(put?.levels[0]?.why).toBe("it did not say why");
  const mute = {
    ...ranking((siblings) => siblings),
    describeKill: () => 5,
    decidedBy: () => {
      throw new Error("x");
    },
  };
  const [first] = rank(grow({ "": [2, 3] }), guarded(mute as unknown as RankingPolicy).policy);
  expect(first?.levels[0]?.why).toBe("it did not say why");
  expect(first?.levels[0]?.losers).toMatchObject([{ reason: "lost", comparison: { by: "order" } }]);
});

test.each([
  [{ by: "x", values: { target: "5", peer: null, unit: "points" } }, { by: "x" }],
  [
    { by: "x", values: { target: 5, peer: 6, unit: "points" } },
    { by: "x", values: { target: 5, peer: 6, unit: "points" } },
  ],
  [5, { by: "order" }],
])("%j: of a comparison what can be printed is", (decidedBy, comparison) => {
  const policy = { ...ranking((siblings) => siblings), decidedBy: () => decidedBy };
  const [first] = rank(grow({ "": [2, 3] }), guarded(policy as unknown as RankingPolicy).policy);
  expect(first?.levels[0]?.losers).toEqual([expect.objectContaining({ comparison })]);
});

test("one that keeps to it is not in the way", () => {
  expect(victims(ranking((siblings) => [...siblings].reverse()))).toEqual([3, 2]);
  expect(victims(evaluating(() => "select"))).toEqual([3, 2]);
});
