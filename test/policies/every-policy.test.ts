/** What holds whoever decides. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { policies } from "../../policies/index.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import { passedOver } from "../../src/select/killable.ts";
import { victimTasks } from "../../src/select/victim-tasks.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import { anySnapshot } from "../support/any-snapshot.ts";
import { nameOf } from "../support/grow.ts";
import { usePolicy } from "../support/use-policy.ts";

const RUNS = { numRuns: 150 };

/** Facts and samples over and above those that strict-priority needs. */
const rich = fc.tuple(anySnapshot, fc.infiniteStream(fc.nat({ max: 3 }))).map(([snapshot, numbers]): Snapshot => {
  const number = () => numbers.next().value;
  const share = () => ({ avg10: number(), avg60: number(), avg300: 0 });
  return {
    ...snapshot,
    memcgs: snapshot.memcgs.map((memcg) => ({
      ...memcg,
      ...(number() > 0 && { swapBytes: number(), usageBytes: number(), memoryPressure: share(), ioPressure: share() }),
      ...(number() > 1 && { preference: number() > 1 ? ("prefer" as const) : ("avoid" as const) }),
      ...(number() > 1 && { sample: { perSecond: number() } }),
      limitBytes: 4096 * 1000 * number(),
    })),
    tasks: snapshot.tasks.map((task) => ({ ...task, swapBytes: number(), pageTableBytes: number() })),
  };
});

describe.each([
  ...policies.keys(),
  "memory-size-or-growth recursive=1",
  "strict-priority recursive=0",
  "kernel cgroup=/top/a",
])("%s", (words) => {
  const ranked = (snapshot: Snapshot, root: Memcg = hierarchyOf(snapshot)) => {
    const samples = new Map(snapshot.memcgs.map(({ path, sample }) => [path, sample]));
    const { policy, how } = usePolicy(words, ({ path }) => samples.get(path));
    return [...rank(root, policy, how)];
  };

  test("nobody who is protected is ranked, nor anybody who cannot be killed", () => {
    fc.assert(
      fc.property(rich, (snapshot) => {
        const shielded = new Set(
          snapshot.memcgs.filter(({ path, badness }) => badness === 10_000 && path !== "/top").map(({ path }) => path),
        );
        for (const task of ranked(snapshot).flatMap(({ victim }) => victimTasks(victim))) {
          expect(passedOver(task)).toBeNull();
          expect([...shielded].filter((path) => task.memcg === path || task.memcg.startsWith(`${path}/`))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  test("the order in which siblings are listed does not matter", () => {
    fc.assert(
      fc.property(rich, (snapshot) => {
        const reversed = { ...snapshot, memcgs: snapshot.memcgs.toReversed(), tasks: snapshot.tasks.toReversed() };
        expect(ranked(reversed).map(nameOf)).toEqual(ranked(snapshot).map(nameOf));
      }),
      RUNS,
    );
  });

  test("nobody is ranked twice, and everybody on the way is accounted for, with a reason", () => {
    fc.assert(
      fc.property(rich, (snapshot) => {
        const all = ranked(snapshot);
        const pids = all.flatMap(({ victim }) => victimTasks(victim)).map(({ pid }) => pid);
        expect(new Set(pids).size).toBe(pids.length);
        for (const level of all.flatMap(({ levels }) => levels).filter(({ group }) => !group)) {
          expect(level.why).not.toBe("");
          expect(level.losers.every((loser) => loser.reason !== "lost" || loser.comparison.by !== "")).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test("the same picture gives the same victims again", () => {
    fc.assert(
      fc.property(rich, (snapshot) => {
        expect(ranked(snapshot).map(nameOf)).toEqual(ranked(snapshot).map(nameOf));
      }),
      RUNS,
    );
  });
});

test("every policy stands in the table under its own name", () => {
  expect([...policies].every(([name, policy]) => policy.name === name)).toBe(true);
});
