import { describe, expect, test } from "vitest";
import type { Details, Grown } from "../support/grow.ts";
import { reasons, victims } from "../support/use-policy.ts";

const MIB = 2 ** 20;
const ABC: Grown = { a: [2], b: [3], c: [4] };

describe("kernel", () => {
  const top = (limitMib: number) => ({ "": { limitBytes: limitMib * MIB } });
  const size = (mib: number, more = {}) => ({ rssBytes: mib * MIB, ...more });

  test.each<[string, Details, number[]]>([
    [
      "whatever memcg it is in, and whatever its badness",
      { memcgs: { ...top(1000), a: { badness: 1 } }, tasks: { 2: size(1), 3: size(2, { badness: 9999 }), 4: size(3) } },
      [4, 3, 2],
    ],
    [
      "swap and page tables count as RSS does",
      {
        memcgs: top(1000),
        tasks: { 2: size(1, { swapBytes: 5 * MIB }), 3: size(1, { pageTableBytes: 6 * MIB }), 4: size(5) },
      },
      [3, 2, 4],
    ],
    [
      "1000 of oom_score_adj are all that the OOM memcg may have",
      { memcgs: top(1000), tasks: { 2: size(1, { oomScoreAdj: 100 }), 3: size(99), 4: size(102) } },
      [4, 2, 3],
    ],
    [
      "and may be less than nothing",
      {
        memcgs: top(1000),
        tasks: { 2: size(50, { oomScoreAdj: -100 }), 3: size(1, { oomScoreAdj: -60 }), 4: size(1) },
      },
      [4, 2, 3],
    ],
    [
      "-1000 protects",
      { memcgs: top(1000), tasks: { 2: size(9, { oomScoreAdj: -1000 }), 3: size(1), 4: size(2) } },
      [4, 3],
    ],
    [
      "never protects",
      {
        memcgs: { ...top(1000), a: { badness: 10_000 } },
        tasks: { 2: size(9), 3: size(8, { badness: 10_000 }), 4: size(2) },
      },
      [4],
    ],
  ])("%s", (_, details, expected) => expect(victims("kernel", ABC, details)).toEqual(expected));

  test("says how many points", () => {
    const details = { memcgs: top(400), tasks: { 2: size(1, { oomScoreAdj: 10 }), 3: size(2), 4: size(1) } };
    const [why, ...others] = reasons("kernel", ABC, details);
    expect(why).toBe("most points, with an oom_score_adj of 10");
    expect(others.sort()).toEqual(["points 256 < 1276", "points 512 < 1276"]);
  });
});
