import * as fc from "fast-check";
import { expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import type { Candidate, Choice, Level } from "../../src/select/types.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import { anySnapshot } from "../support/any-snapshot.ts";
import { naiveRank, type ShortVictim } from "../support/naive-rank.ts";
import { SpiedMemcg } from "../support/spied-hierarchy.ts";

const RUNS = { numRuns: 300 };

test("ranks as the contract, read word for word, ranks", () => {
  holdsForAll((snapshot) => {
    expect(ranked(hierarchyOf(snapshot))).toEqual(naiveRank(hierarchyOf(snapshot)));
  });
});

test("ranks alike whether a ceiling is tight or far above the size", () => {
  holdsForAll((snapshot) => {
    for (const slack of [0, 1, 1000])
      expect(ranked(new SpiedMemcg(hierarchyOf(snapshot), slack))).toEqual(ranked(hierarchyOf(snapshot)));
  });
});

test("does not care about the order in which siblings are listed", () => {
  fc.assert(
    fc.property(anySnapshot, fc.infiniteStream(fc.nat()), (snapshot, stream) => {
      const shuffle = <T>(list: readonly T[]) =>
        list
          .map((item) => ({ item, key: stream.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
      const shuffled = { ...snapshot, memcgs: shuffle(snapshot.memcgs), tasks: shuffle(snapshot.tasks) };
      expect(ranked(hierarchyOf(shuffled))).toEqual(ranked(hierarchyOf(snapshot)));
    }),
    RUNS,
  );
});

test("takes the lowest badness of each level that it comes through", () => {
  holdsForAll((snapshot) => {
    for (const choice of rank(hierarchyOf(snapshot), strictPriority)) {
      for (const { chosen, losers } of choice.levels) {
        if (chosen === null) continue;
        const lost = losers.filter((loser) => loser.reason === "lost").map((loser) => badnessOf(loser.candidate));
        expect(Math.min(badnessOf(chosen), ...lost)).toBe(badnessOf(chosen));
      }
    }
  });
});

test("raising the badness of a loser changes nothing", () => {
  holdsForAll((snapshot) => {
    const first = firstChoice(hierarchyOf(snapshot));
    for (const { losers } of first?.levels ?? []) {
      for (const { candidate } of losers) {
        const raised = withBadness(snapshot, candidate, Math.min(10_000, badnessOf(candidate) + 1));
        expect(shortOf(firstChoice(hierarchyOf(raised)))).toBe(shortOf(first));
      }
    }
  });
});

test("decides on each level as if nothing were above it", () => {
  holdsForAll((snapshot) => {
    const first = firstChoice(hierarchyOf(snapshot));
    for (const { memcg } of first?.levels ?? []) expect(shortOf(firstChoice(memcg))).toBe(shortOf(first));
  });
});

test("follows RSS where every badness is the default", () => {
  holdsForAll((snapshot) => {
    const memcgs = snapshot.memcgs.map((memcg) => ({ ...memcg, badness: 5000 }));
    const tasks = snapshot.tasks.map((task) => ({ ...task, badness: 5000 }));
    for (const { chosen, losers } of firstChoice(hierarchyOf({ ...snapshot, memcgs, tasks }))?.levels ?? []) {
      const lost = losers.filter((loser) => loser.reason === "lost").map((loser) => sizeOf(loser.candidate));
      if (chosen !== null) expect(Math.max(sizeOf(chosen), ...lost)).toBe(sizeOf(chosen));
    }
  });
});

test("ranks nobody twice", () => {
  holdsForAll((snapshot) => {
    const pids = ranked(hierarchyOf(snapshot)).flatMap((victim) =>
      typeof victim === "number" ? [victim] : (victim.split(" ").at(-1) ?? "").split(",").map(Number),
    );
    expect(new Set(pids).size).toBe(pids.length);
  });
});

test("accounts for everybody who stands on a level", () => {
  holdsForAll((snapshot) => {
    for (const choice of rank(hierarchyOf(snapshot), strictPriority))
      for (const level of choice.levels.filter((each) => !each.group))
        expect(standingOn(level)).toEqual(inside(level.memcg));
  });
});

test("what the first choice asked for is enough to make it again", () => {
  holdsForAll((snapshot) => {
    const spied = new SpiedMemcg(hierarchyOf(snapshot), 3);
    const first = firstChoice(spied);
    expect(shortOf(firstChoice(hierarchyOf(spied.record())))).toBe(shortOf(first));
  });
});

test("who lost, and why, is told without another read", () => {
  holdsForAll((snapshot) => {
    const spied = new SpiedMemcg(hierarchyOf(snapshot), 3);
    for (const choice of rank(spied, strictPriority)) {
      const before = spied.log();
      for (const level of choice.levels) void level.losers;
      expect(spied.log()).toEqual(before);
    }
  });
});

function holdsForAll(check: (snapshot: Snapshot) => void): void {
  fc.assert(fc.property(anySnapshot, check), RUNS);
}

function ranked(root: Memcg): ShortVictim[] {
  return [...rank(root, strictPriority)].map((choice) => shortOf(choice) ?? "");
}

function firstChoice(root: Memcg): Choice | undefined {
  const [first] = rank(root, strictPriority);
  return first;
}

function shortOf(choice: Choice | undefined): ShortVictim | undefined {
  if (choice?.victim.kind !== "memcg") return choice?.victim.task.pid;
  return `${choice.victim.memcg.path} ${choice.victim.tasks.map((task) => task.pid).join(",")}`;
}

function badnessOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.badness : candidate.memcg.badness;
}

function sizeOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.rssBytes : candidate.memcg.rssBytes;
}

function nameOf(candidate: Candidate): string {
  return candidate.kind === "process" ? `${candidate.task.pid}` : candidate.memcg.path;
}

function standingOn({ chosen, losers }: Level): string[] {
  const candidates = losers.map((loser) => loser.candidate);
  return [...candidates, ...(chosen === null ? [] : [chosen])].map(nameOf).sort();
}

function inside(memcg: Memcg): string[] {
  return [...memcg.tasks.map((task) => `${task.pid}`), ...memcg.children.map((child) => child.path)].sort();
}

function withBadness(snapshot: Snapshot, candidate: Candidate, badness: number): Snapshot {
  if (candidate.kind === "process") {
    const tasks = snapshot.tasks.map((task) => (task.pid === candidate.task.pid ? { ...task, badness } : task));
    return { ...snapshot, tasks };
  }
  const { path } = candidate.memcg;
  const others = snapshot.memcgs.filter((memcg) => memcg.path !== path);
  const own = snapshot.memcgs.find((memcg) => memcg.path === path) ?? { path };
  return { ...snapshot, memcgs: [...others, { ...own, badness }] };
}
