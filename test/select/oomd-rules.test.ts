/** What oomd's base class does for every kill plugin; its tests of these names are where the answers come from. */
import { expect, test } from "vitest";
import type { RankingPolicy } from "../../policies/contract.ts";
import { type How, plainly } from "../../src/select/how.ts";
import type { Candidate } from "../../src/select/types.ts";
import { rank } from "../../src/select/walk.ts";
import { type Details, type Grown, grow, nameOf } from "../support/grow.ts";

/** By name in descending order; those that begin with `-` are left out. */
const byName: RankingPolicy = {
  name: "by-name",
  summary: "the last of the alphabet first",
  walk: "memcgs",
  rankForKilling: (siblings) =>
    siblings.filter((each) => !nameIn(each).startsWith("-")).sort((a, b) => (nameIn(a) < nameIn(b) ? 1 : -1)),
  describeKill: () => "last of the alphabet",
};

const nameIn = (candidate: Candidate) =>
  candidate.kind === "memcg" ? (candidate.memcg.path.split("/").at(-1) ?? "") : `${candidate.task.pid}`;

const RECURSIVE: How = { ...plainly(byName), recursive: true };
const victims = (shape: Grown, details: Details = {}, how: How = RECURSIVE, policy = byName) =>
  Array.from(rank(grow(shape, details), policy, how), nameOf);

test.each<[string, Grown, Details, (number | string)[]]>([
  [
    "decides on each level as if there were no other",
    { A: { Z: [2], X: [3] }, B: { F: [4] } },
    {},
    ["/B/F", "/A/Z", "/A/X"],
  ],
  ["stops at a leaf, and kills all of it", { A: [2, 3] }, {}, ["/A"]],
  ["stops at an oom group", { A: { Z: [2], X: [3] } }, { memcgs: { A: { kill: "group" } } }, ["/A"]],
  ["backs up the tree when a level is used up", { A: [2], B: { F: [3], "-": [4] } }, {}, ["/B/F", "/A"]],
  ["goes back to the sibling of an ancestor", { A: [2], B: { C: { D: [3] } } }, {}, ["/B/C/D", "/A"]],
  ["skips a memcg without processes", { A: [2], B: [] }, {}, ["/A"]],
  ["skips one without anonymous memory", { A: [2], B: [3] }, { memcgs: { B: { rssBytes: 0 } } }, ["/A"]],
  ["skips one whose processes are all dead", { A: [2], B: [3] }, { tasks: { 3: { state: "Z" } } }, ["/A"]],
  ["a process beside memcgs is a sibling of theirs", { "": [9], A: [2] }, {}, ["/A", 9]],
  ["what the policy leaves out is not killed", { "-": [2] }, {}, []],
])("%s", (_, shape, details, expected) => expect(victims(shape, details)).toEqual(expected));

test.each<[string, Details["memcgs"], string[]]>([
  ["prefer goes first, whatever the order", { A: { preference: "prefer" } }, ["/A/Z", "/A/X", "/C", "/B"]],
  ["avoid goes last", { C: { preference: "avoid" } }, ["/B", "/A/Z", "/A/X", "/C"]],
  [
    "between those who are preferred the order holds",
    { A: { preference: "prefer" }, B: { preference: "prefer" } },
    ["/B", "/A/Z", "/A/X", "/C"],
  ],
  ["it is local to its level", { "A/X": { preference: "prefer" } }, ["/C", "/B", "/A/X", "/A/Z"]],
  [
    "avoid below does not matter above",
    { "A/Z": { preference: "avoid" }, A: { preference: "prefer" } },
    ["/A/X", "/A/Z", "/C", "/B"],
  ],
])("%s", (_, memcgs = {}, expected) => {
  expect(victims({ A: { Z: [2], X: [3] }, B: [4], C: [5] }, { memcgs })).toEqual(expected);
});

test("strict-priority's walk knows neither of them: badness says it all", () => {
  const plain: RankingPolicy = { ...byName, walk: "levels" };
  expect(victims({ A: [2], B: [3] }, { memcgs: { A: { preference: "prefer" } } }, plainly(plain), plain)).toEqual([
    3, 2,
  ]);
});

test("without recursion the first memcg dies with all below it", () => {
  expect(victims({ A: { Z: [2], X: [3] }, B: { F: [4] } }, {}, plainly(byName))).toEqual(["/B", "/A"]);
});

test.each<[string, readonly string[], (number | string)[]]>([
  ["one", ["/A"], ["/A/Z", "/A/X"]],
  ["some, as if they were siblings", ["/A/Z", "/B"], ["/A/Z", "/B"]],
  ["none that is there", ["/elsewhere"], []],
  ["the OOM memcg itself", ["/"], ["/B", "/A/Z", "/A/X"]],
])("patterns say who takes part: %s", (_, named, expected) => {
  const how: How = { ...RECURSIVE, takesPart: (path) => named.includes(path) };
  expect(victims({ A: { Z: [2], X: [3] }, B: [4] }, {}, how)).toEqual(expected);
});

test("a pattern does not reach into what is protected, nor past it", () => {
  const how: How = { ...RECURSIVE, takesPart: (path) => path === "/A/Z" || path === "/B" };
  const memcgs = { A: { badness: 10_000 }, B: { badness: 10_000 } };
  expect(victims({ A: { Z: [2] }, B: [4] }, { memcgs }, how)).toEqual([]);
});

test("where every process is a sibling of every other, who dies takes their group along, once", () => {
  const flat: RankingPolicy = { ...byName, walk: "processes" };
  const shape = { A: { Z: [5, 3], X: [7] }, B: [6], kept: [9] };
  const memcgs = { A: { kill: "group" }, "A/Z": { kill: "group" }, kept: { badness: 10_000 } } as const;
  expect(victims(shape, { memcgs }, plainly(flat), flat)).toEqual(["/A", 6]);
});

test("says of every loser why", () => {
  const memcgs = { A: { preference: "avoid" }, C: { rssBytes: 0 } } as const;
  const [first] = rank(grow({ A: [2], B: [3], C: [4], "-": [5] }, { memcgs }), byName, RECURSIVE);
  const losers = first?.levels[0]?.losers.map((loser) => [
    nameIn(loser.candidate),
    loser.reason === "lost" ? loser.comparison.by : loser.reason,
  ]);
  expect(losers?.sort()).toEqual([
    ["-", "order"],
    ["A", "oomd_avoid"],
    ["C", "no anonymous memory"],
  ]);
  expect(first?.levels[0]?.why).toBe("last of the alphabet");
});
