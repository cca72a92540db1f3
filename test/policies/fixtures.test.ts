/** Every policy over trees of real memcgs, as the kernel printed them. */
import { expect, test } from "vitest";
import { rank } from "../../src/select/walk.ts";
import { printSnapshot } from "../../src/snapshot/print.ts";
import { recordOf } from "../../src/snapshot/record.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import { decider } from "../support/replay.ts";
import { snapshotOf } from "../support/snapshot-fixtures.ts";
import { expectedOf, openTree, shortVictim, treeCases, treeDirectory } from "../support/tree-fixtures.ts";
import { usePolicy } from "../support/use-policy.ts";

const cases = treeCases.flatMap((name) =>
  Object.entries(expectedOf(name).byPolicy ?? {}).map(([words, ranked]) => ({ name, words, ranked })),
);

test.each(cases)("$name: $words", ({ name, words, ranked }) => {
  const root = openTree(treeDirectory(name), expectedOf(name));
  const { policy, how } = usePolicy(words);
  expect(Array.from(rank(root, policy, how), ({ victim }) => shortVictim(victim))).toEqual(ranked);
});

test.each(cases.filter(({ ranked }) => ranked.length > 0))(
  "$name: $words: what was read replays",
  ({ name, words, ranked }) => {
    const root = openTree(treeDirectory(name), expectedOf(name));
    const used = usePolicy(words);
    rank(root, used.policy, used.how).next();
    const record = snapshotOf(printSnapshot(recordOf(root, used)));
    const { policy, how } = decider(record);
    const first = rank(hierarchyOf(record), policy, how).next();
    expect(first.done === true ? null : shortVictim(first.value.victim)).toBe(ranked[0]);
  },
);
