/** Each policy on trees small enough to see the answer. */
import { describe, expect, test } from "vitest";
import type { RankingPolicy } from "../../policies/contract.ts";
import { policies } from "../../policies/index.ts";
import type { Io, MemcgFacts, Pressure } from "../../src/hierarchy/types.ts";
import { type Details, type Grown, grow } from "../support/grow.ts";
import { reasons, victims } from "../support/use-policy.ts";

const MIB = 2 ** 20;
const ABC: Grown = { a: [2], b: [3], c: [4] };

const facts = (each: Readonly<Record<string, Partial<MemcgFacts>>>): Details => ({ memcgs: each });
const standing = (avg10: number, avg60: number): Pressure => ({ avg10, avg60, avg300: 0 });

describe("memory-size-or-growth", () => {
  const usage = (a: number, b: number, c: number, more: Partial<MemcgFacts> = {}) =>
    facts({ a: { usageBytes: a * MIB, ...more }, b: { usageBytes: b * MIB }, c: { usageBytes: c * MIB } });
  const averages = (a: number, b: number, c: number) => ({ a: a * MIB, b: b * MIB, c: c * MIB });

  test.each<[string, string, Details, Record<string, unknown>, string[]]>([
    [
      "who has half of all goes first, however others grow",
      "",
      usage(10, 5, 5),
      averages(10, 1, 5),
      ["/a", "/b", "/c"],
    ],
    ["below that, who grows", "growingSizePercentile=0", usage(10, 8, 9), averages(10, 4, 8), ["/b", "/a", "/c"]],
    [
      "the fastest of those who grow",
      "growingSizePercentile=0",
      usage(10, 8, 9),
      averages(8, 4, 5),
      ["/b", "/c", "/a"],
    ],
    ["but not who is small: the top fifth alone", "", usage(10, 8, 9), averages(10, 4, 8), ["/a", "/c", "/b"]],
    [
      "less growth than that is none",
      "growingSizePercentile=0 minGrowthRatio=2.5",
      usage(10, 8, 9),
      averages(10, 4, 8),
      ["/a", "/c", "/b"],
    ],
    ["then by size", "", usage(8, 9, 10), {}, ["/c", "/b", "/a"]],
    ["less what is protected", "", usage(10, 9, 8, { protectedBytes: 5 * MIB }), {}, ["/b", "/c", "/a"]],
    [
      "what is protected does not hide who has half of all",
      "",
      usage(20, 9, 8, { protectedBytes: 12 * MIB }),
      {},
      ["/a", "/b", "/c"],
    ],
    [
      "another threshold",
      "sizeThreshold=30 growingSizePercentile=0",
      usage(10, 11, 9),
      averages(10, 11, 1),
      ["/b", "/a", "/c"],
    ],
  ])("%s", (_, args, details, samples, expected) => {
    expect(victims(`memory-size-or-growth ${args}`, ABC, details, samples)).toEqual(expected);
  });

  test("says which of the three it was", () => {
    const why = (details: Details, samples = {}) => reasons("memory-size-or-growth", ABC, details, samples);
    expect(why(usage(10, 5, 4))).toEqual([
      "has 50 % of its level or more",
      "size 5.0 MiB < 10 MiB",
      "size 4.0 MiB < 10 MiB",
    ]);
    expect(why(usage(10, 9, 8), averages(5, 3, 8))).toEqual([
      "growing: 2.00 times its average",
      "too small for its growth to count",
      "growth 1 times < 2 times",
    ]);
    expect(why(usage(8, 9, 10))).toEqual(["largest", "size 8.0 MiB < 10 MiB", "size 9.0 MiB < 10 MiB"]);
  });

  test("the average: what is new has not grown, and old values fade", () => {
    const prerun = sampler("memory-size-or-growth", {});
    const at = (usageBytes: number) => facts({ a: { usageBytes } });
    const first = prerun(at(800), undefined, 0);
    expect([first, prerun(at(1600), first, 5_000)]).toEqual([800, 1000]);
  });
});

describe("swap-usage", () => {
  const swap = facts({ a: { swapBytes: 5 }, b: { swapBytes: 9 }, c: { swapBytes: 0 } });

  test.each<[string, string[]]>([
    ["", ["/b", "/a"]],
    ["thresholdBytes=6", ["/b"]],
    ["thresholdBytes=0", ["/b", "/a", "/c"]],
    ["thresholdBytes=10", []],
  ])("%s", (args, expected) => expect(victims(`swap-usage ${args}`, ABC, swap)).toEqual(expected));

  test("a process beside memcgs has its own", () => {
    const details = { ...swap, tasks: { 9: { swapBytes: 7 } } };
    expect(victims("swap-usage", { "": [9], ...ABC }, details)).toEqual(["/b", 9, "/a"]);
  });

  test("says how much", () => {
    expect(reasons("swap-usage", ABC, swap)).toEqual(["most in swap", "swap 5 B < 9 B", "swap 0 B < 9 B"]);
  });
});

describe("pressure", () => {
  const details = facts({
    a: { memoryPressure: standing(10, 20), ioPressure: standing(0, 9) },
    b: { memoryPressure: standing(40, 0), ioPressure: standing(0, 1) },
    c: { memoryPressure: standing(0, 24), ioPressure: standing(99, 0) },
  });

  test.each<[string, string[]]>([
    ["the mean of 10 and 60 seconds", ["/b", "/a", "/c"]],
    ["resource=io", ["/c", "/a", "/b"]],
  ])("%s", (args, expected) => {
    expect(victims(`pressure ${args.includes("=") ? args : ""}`, ABC, details)).toEqual(expected);
  });

  test("says how much; where it is not known, that", () => {
    expect(reasons("pressure", { "": [9], ...ABC }, details)).toEqual([
      "most pressure for memory",
      "no pressure known",
      "pressure 15 % < 20 %",
      "pressure 12 % < 20 %",
    ]);
    expect(reasons("pressure", { a: [2, 5], b: [3] })).toEqual([
      "no pressure known: by size",
      "size 4.0 KiB < 8.0 KiB",
    ]);
  });
});

describe("pg-scan and io-cost", () => {
  const rate = (perSecond: number | null) => ({ total: 0, atMs: 0, perSecond });

  test.each(["pg-scan", "io-cost"])("%s: the highest rate; who has none yet, last", (name) => {
    const samples = { a: rate(3), b: rate(null), c: rate(7) };
    expect(victims(name, ABC, {}, samples)).toEqual(["/c", "/a", "/b"]);
    expect(reasons(name, ABC, {}, samples)[2]).toMatch(/^no .* known$/);
  });

  test("pg-scan: pages a second between two samples", () => {
    const prerun = sampler("pg-scan", {});
    const at = (pgScans: number) => facts({ a: { pgScans } });
    const first = prerun(at(100), undefined, 1_000);
    expect(first).toEqual({ total: 100, atMs: 1_000, perSecond: null });
    expect(prerun(at(600), first, 6_000)).toMatchObject({ perSecond: 100 });
    expect(prerun({}, first, 6_000)).toBeNull();
  });

  test("io-cost: bytes, and operations as bytes", () => {
    const prerun = sampler("io-cost", { bytesPerOperation: 10, writeFactor: 2 });
    const at = (io: Io) => facts({ a: { io } });
    const first = prerun(at({ readBytes: 0, writtenBytes: 0, operations: 0 }), undefined, 0);
    const next = prerun(at({ readBytes: 100, writtenBytes: 50, operations: 5 }), first, 1_000);
    expect(next).toMatchObject({ total: 250, perSecond: 250 });
  });
});

/** The prerun of a policy, on /a of a tree with these details. */
function sampler(name: string, args: Record<string, number>) {
  const policy = policies.get(name) as RankingPolicy;
  return (details: Details, before: unknown, nowMs: number) => {
    const [memcg] = grow({ a: [2] }, details).children;
    if (memcg === undefined || policy.prerun === undefined) throw new Error("nothing to sample");
    return policy.prerun(memcg, before, nowMs, args);
  };
}
