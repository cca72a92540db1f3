import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chainTo,
  DEATHS,
  type Death,
  LivelockDetector,
  type Pattern,
  SLACK_MS,
  WINDOW_MS,
} from "../../src/livelock/detector.ts";

type Victim = Partial<Omit<Death, "atMs">>;
/** When, and who died. */
type Step = readonly [atMs: number, ...victims: Victim[]];

const SECOND = 1_000;

/** Started half a second before it dies, unless it says otherwise. */
function patternsOf(steps: readonly Step[], detector = new LivelockDetector()): (Pattern | null)[] {
  return steps.map(([atMs, ...victims]) => {
    const whole = victims.map((victim) => ({ startedMs: atMs - 500, comm: "leak", memcg: "/jobs/a", ...victim }));
    return detector.noteKill("/jobs", atMs, whole);
  });
}

const restarts = (count: number, victim: (index: number) => Victim = () => ({}), everyMs = SECOND): Step[] =>
  Array.from({ length: count }, (_, index) => [index * everyMs, victim(index)]);

describe("a pattern", () => {
  test.each<[string, readonly Step[], Partial<Pattern>]>([
    ["the same service", restarts(DEATHS), { comm: "leak", memcg: "/jobs/a" }],
    [
      "in a memcg of its own each time",
      restarts(DEATHS, (n) => ({ memcg: `/jobs/${n}` })),
      { comm: "leak", memcg: null },
    ],
    ["under another name each time", restarts(DEATHS, (n) => ({ comm: `job-${n}` })), { comm: null, memcg: "/jobs/a" }],
    [
      "killed as a group",
      restarts(DEATHS).map(([atMs]) => [atMs, { comm: "sh" }, {}]),
      { comm: "sh", memcg: "/jobs/a" },
    ],
    [
      "beside others",
      restarts(DEATHS).map(([atMs]) => [atMs, { comm: `x${atMs}`, memcg: "/jobs/x", startedMs: -1 }, {}]),
      { comm: "leak", memcg: "/jobs/a" },
    ],
    ["in no more than a minute", restarts(DEATHS, () => ({}), WINDOW_MS / (DEATHS - 1)), { comm: "leak" }],
    [
      "one that was told of a little late",
      restarts(DEATHS, (n) => ({ startedMs: (n - 1) * SECOND - SLACK_MS })),
      { comm: "leak" },
    ],
  ])("%s", (_, steps, expected) => {
    const patterns = patternsOf(steps);
    expect(patterns.slice(0, -1)).toEqual(Array(DEATHS - 1).fill(null));
    expect(patterns.at(-1)).toMatchObject(expected);
    expect(patterns.at(-1)?.deaths.length).toBe(DEATHS);
  });

  test.each<[string, readonly Step[]]>([
    ["too few", restarts(DEATHS - 1)],
    ["too slowly", restarts(3 * DEATHS, () => ({}), WINDOW_MS / (DEATHS - 2))],
    ["workers that were all there from the beginning", restarts(3 * DEATHS, () => ({ startedMs: -SECOND }))],
    ["others each time", restarts(3 * DEATHS, (n) => ({ comm: `job-${n}`, memcg: `/jobs/${n}` }))],
    ["a large group at once", [[0, ...Array.from({ length: 50 }, () => ({}))]]],
    ["nobody, though it was tried", restarts(DEATHS).map(([atMs]) => [atMs])],
  ])("none: %s", (_, steps) => {
    expect(patternsOf(steps).every((pattern) => pattern === null)).toBe(true);
  });

  test("is said once for every so many deaths", () => {
    const patterns = patternsOf(restarts(3 * DEATHS)).map((pattern) => pattern !== null);
    expect(patterns.flatMap((is, index) => (is ? [index + 1] : []))).toEqual([DEATHS, 2 * DEATHS, 3 * DEATHS]);
  });

  test("belongs to one OOM memcg", () => {
    const detector = new LivelockDetector();
    for (let n = 0; n < 3 * DEATHS; n++) {
      const victim = { startedMs: n * SECOND - 500, comm: "leak", memcg: "/jobs/a/b" };
      expect(detector.noteKill(`/jobs/${n % 4}`, n * SECOND, [victim])).toBeNull();
    }
  });
});

describe("in force", () => {
  const end = (DEATHS - 1) * SECOND;

  test("until there has been no OOM for a minute", () => {
    const detector = new LivelockDetector();
    patternsOf(restarts(DEATHS), detector);
    expect(detector.inForce("/jobs", () => end)).not.toBeNull();
    expect(detector.inForce("/other", () => end)).toBeNull();
    expect(detector.inForce("/jobs", () => end + WINDOW_MS)).not.toBeNull();
    expect(detector.inForce("/jobs", () => end + WINDOW_MS + 1)).toBeNull();
  });

  test("for longer where there is one, whoever died of it", () => {
    const detector = new LivelockDetector();
    patternsOf(restarts(DEATHS), detector);
    for (let n = 1; n <= 5; n++) detector.noteOom("/jobs", end + n * WINDOW_MS);
    expect(detector.inForce("/jobs", () => end + 6 * WINDOW_MS)).not.toBeNull();
    detector.noteOom("/jobs", end + 7 * WINDOW_MS + 1);
    expect(detector.inForce("/jobs", () => end + 7 * WINDOW_MS + 1)).toBeNull();
  });
});

const anyDeath = fc
  .record({ startedMs: fc.nat(2_000), livedMs: fc.nat(1_000), comm: fc.constantFrom("a", "b") })
  .map(({ startedMs, livedMs, comm }): Death => ({ startedMs, atMs: startedMs + livedMs, comm, memcg: "/jobs" }));

const isInOrder = (death: Death, next: Death): boolean =>
  death.startedMs <= next.startedMs && death.atMs <= next.startedMs + SLACK_MS;

/** By trying all of them. */
function longest(last: Death, before: readonly Death[]): number {
  const earlier = before.filter((death) => death.comm === last.comm && isInOrder(death, last));
  return (
    1 +
    Math.max(
      0,
      ...earlier.map((death) =>
        longest(
          death,
          before.filter((other) => other !== death),
        ),
      ),
    )
  );
}

const death = (startedMs: number, atMs: number): Death => ({ startedMs, atMs, comm: "a", memcg: "/jobs" });
/** Deaths within the slack, that could stand on either side of one another. */
const CLOSE_TOGETHER: [Death[], Death][] = [
  [[death(0, 102), death(1, 1)], death(2, 2)],
  [[death(0, 0), death(0, 101)], death(1, 1)],
  [[death(5, 5), death(5, 300)], death(250, 250)],
];

test("there is no longer row of restarts than the one that is found", () => {
  fc.assert(
    fc.property(fc.array(anyDeath, { maxLength: 6 }), anyDeath, (before, last) => {
      const chain = chainTo(last, before, "comm");
      expect(chain.at(-1)).toBe(last);
      for (const [index, death] of chain.entries()) {
        const next = chain[index + 1];
        if (next !== undefined) expect(isInOrder(death, next)).toBe(true);
      }
      expect(chain.length).toBe(longest(last, before));
    }),
    { examples: CLOSE_TOGETHER },
  );
});

test("of too many OOM memcgs the first is forgotten", () => {
  const detector = new LivelockDetector();
  const nowMs = DEATHS * SECOND;
  patternsOf(restarts(DEATHS), detector);
  for (let n = 0; n < 999; n++) detector.noteOom(`/jobs/${n}`, nowMs);
  expect(detector.inForce("/jobs", () => nowMs)).not.toBeNull();
  detector.noteOom("/one-more", nowMs);
  expect(detector.inForce("/jobs", () => nowMs)).toBeNull();
});
