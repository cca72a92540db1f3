import { expect, test } from "vitest";
import type { EvaluatingPolicy, Policy, RankingPolicy, Verdict } from "../../policies/contract.ts";
import type { PolicyUse } from "../../src/config/types.ts";
import { BUILT_IN, bind, uptoBuiltIn } from "../../src/policy/loaded.ts";
import { decideInTurn } from "../../src/policy/turns.ts";
import { grow, nameOf } from "../support/grow.ts";

const evaluating = (name: string, verdicts: Record<number, Verdict>): EvaluatingPolicy => ({
  name,
  summary: "for a test",
  evaluateTask: ({ pid }) => verdicts[pid] ?? "no-policy",
});
const leavesAll: RankingPolicy = { name: "nobody", summary: "", rankForKilling: () => [], describeKill: () => "" };
const use = (policy: Policy, args: PolicyUse["args"] = {}) => bind({ name: policy.name, args }, policy);

/** 5 is the largest: strict-priority's. */
const TREE = grow(
  { a: [2, 3, 4], b: [5], never: [9] },
  { memcgs: { never: { badness: 10_000 } }, tasks: { 5: { rssBytes: 1e6 } } },
);
const decide = (...turns: ReturnType<typeof use>[]) => {
  const { by, choice } = decideInTurn(TREE, turns);
  return [by.policy.name, choice === null ? null : nameOf(choice)];
};

test.each<[string, Record<number, Verdict>, [string, number]]>([
  ["selects one", { 2: "next", 3: "select", 4: "next" }, ["mine", 3]],
  ["a later one replaces it", { 2: "select", 4: "select" }, ["mine", 4]],
  ["abort takes back what was selected", { 2: "select", 3: "abort" }, ["strict-priority", 5]],
  ["nothing to say", {}, ["strict-priority", 5]],
  ["next for everybody", { 2: "next", 3: "next", 4: "next", 5: "next" }, ["strict-priority", 5]],
  ["what is protected is not shown to it", { 9: "select" }, ["strict-priority", 5]],
])("an evaluator: %s", (_, verdicts, expected) => expect(decide(use(evaluating("mine", verdicts)))).toEqual(expected));

test("the nearest first, then those above, and at last the built-in choice", () => {
  const [near, far] = [use(evaluating("near", {})), use(evaluating("far", { 3: "select" }))];
  expect(decide(near, far)).toEqual(["far", 3]);
  expect(decide(far, near)).toEqual(["far", 3]);
  expect(decide(near, use(leavesAll))).toEqual(["strict-priority", 5]);
});

test("who selected whom, and what was said of the others", () => {
  const { levels } = decideInTurn(TREE, [use(evaluating("mine", { 2: "next", 3: "select", 4: "select" }))]);
  const said = levels[0]?.losers.map((loser) => [
    loser.candidate.kind === "process" && loser.candidate.task.pid,
    loser.reason === "lost" ? loser.comparison.by : loser.reason,
  ]);
  expect(said?.sort()).toEqual([
    [2, "next"],
    [3, "select"],
    [5, "no-policy"],
  ]);
});

test("one that fails loses its turn, and it is said why", () => {
  const thrower: EvaluatingPolicy = {
    ...evaluating("mine", {}),
    evaluateTask: () => {
      throw new Error("no luck");
    },
  };
  const failing = bind({ name: "/etc/mine.mjs", args: {} }, thrower);
  const { by, failed } = decideInTurn(TREE, [failing]);
  expect([by, failed]).toEqual([BUILT_IN, [{ by: failing, why: "it threw no luck" }]]);
});

test("an error in one of our own is not hidden", () => {
  const broken: RankingPolicy = {
    ...leavesAll,
    rankForKilling: () => {
      throw new Error("a fault of ours");
    },
  };
  expect(() => decideInTurn(TREE, [use(broken)])).toThrow("a fault of ours");
});

test("a rehearsal does not decide", () => {
  const dry = use(evaluating("mine", { 3: "select" }), { dry: true });
  const { by, rehearsed } = decideInTurn(TREE, [dry]);
  expect([by, rehearsed.map(({ choice }) => nameOf(choice))]).toEqual([BUILT_IN, [3]]);
});

test("arguments: the engine's own, and defaults of the policy's", () => {
  const policy: RankingPolicy = {
    ...leavesAll,
    walk: "memcgs",
    arguments: { depth: { type: "integer", from: 0, to: 9, default: 3, summary: "" } },
  };
  const plain = use(policy);
  expect(plain).toMatchObject({
    how: { args: { depth: 3 }, recursive: false, takesPart: null },
    dry: false,
    debug: false,
    postActionDelayMs: 0,
  });
  const all = use(policy, { depth: 4, recursive: true, cgroup: ["/a/*"], debug: true, postActionDelayMs: 7 });
  expect(all).toMatchObject({ how: { args: { depth: 4 }, recursive: true }, debug: true, postActionDelayMs: 7 });
  expect(["/a/b", "/a/b/c", "/b"].map((path) => all.how.takesPart?.(path))).toEqual([true, false, false]);
});

test("behind strict-priority nobody comes to decide; with arguments it may leave out somebody", () => {
  const [near, limited] = [use(leavesAll), use(BUILT_IN.policy, { cgroup: ["/a"] })];
  expect(uptoBuiltIn([near, use(BUILT_IN.policy), limited])).toEqual([near]);
  expect(uptoBuiltIn([limited, near])).toEqual([limited, near]);
});
