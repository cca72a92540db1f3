import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Counters } from "../../src/report/counters.ts";
import type { EventBody } from "../../src/report/events.ts";

const NONE = { handler: 0, kernel: 0 };
let pids = 0;
const victim = (memcg: string) => ({ pid: ++pids, startTime: 1, comm: "x", memcg, rssBytes: 0 });
const kill = (memcg: string, ...places: readonly string[]): EventBody => ({
  type: "kill",
  memcg,
  dryRun: false,
  victims: places.map(victim),
  missed: [],
});
const kernelKill = (memcg: string | null, cause: "memcg" | "system" = "memcg"): EventBody => ({
  type: "kernel-kill",
  cause,
  memcg,
  oomMemcg: null,
  pid: null,
  comm: null,
});
const userKill = (memcg: string, ...places: readonly string[]): EventBody => ({
  type: "user-kill",
  memcg,
  uid: 0,
  victims: places.map(victim),
});

const countersOf = (events: readonly EventBody[], isThere = (_: string) => true) => {
  const counters = new Counters((memcg) => (isThere(memcg) ? 1n : null));
  events.forEach((event, index) => void counters.take({ time: "", seq: index, ...event }));
  return counters;
};

describe("what is counted where", () => {
  test.each<[string, EventBody[], string, object]>([
    ["a kill, where it was", [kill("/a", "/a/b")], "/a/b", { local: 1, hierarchical: 1 }],
    ["above, in the hierarchy alone", [kill("/a", "/a/b")], "/a", { local: 0, hierarchical: 1 }],
    ["up to the root", [kill("/a", "/a/b")], "/", { local: 0, hierarchical: 1 }],
    ["nowhere else", [kill("/a", "/a/b")], "/a/bc", { local: 0, hierarchical: 0 }],
    ["a group", [kill("/a", "/a/b", "/a/b", "/a")], "/a", { local: 1, hierarchical: 3 }],
    [
      "by cause and killer",
      [kill("/a", "/a"), kill("/", "/a", "/a"), kernelKill("/a"), kernelKill("/a", "system"), userKill("/a", "/a")],
      "/a",
      {
        local: 6,
        byCause: {
          memcg: { handler: 1, kernel: 1 },
          system: { handler: 2, kernel: 1 },
          user: { handler: 1, kernel: 0 },
        },
      },
    ],
    ["one that nobody knows where", [kernelKill(null, "system")], "/", { local: 0, hierarchical: 1 }],
    ["one in the root itself", [kernelKill("/", "system")], "/", { local: 1, hierarchical: 1 }],
    [
      "in a dry run nobody",
      [{ type: "kill", memcg: "/a", dryRun: true, victims: [victim("/a")], missed: [] }],
      "/a",
      { local: 0, hierarchical: 0 },
    ],
    [
      "who was missed is not dead",
      [{ type: "kill", memcg: "/a", dryRun: false, victims: [], missed: [{ ...victim("/a"), why: "EPERM" }] }],
      "/a",
      { hierarchical: 0 },
    ],
    [
      "what happened, at this memcg alone",
      [
        { type: "oom", memcg: "/a", usageBytes: 1, limitBytes: 1 },
        { type: "oom", memcg: "/a/b", usageBytes: 1, limitBytes: 1 },
        { type: "delay-expired", memcg: "/a", delayMs: 1, kernelKilled: 1 },
        { type: "no-victim", memcg: "/a", explanation: "" },
        { type: "no-victim", memcg: "/a", explanation: "" },
      ],
      "/a",
      { oom: 1, delayExpired: 1, noVictim: 2, hierarchical: 0 },
    ],
  ])("%s", (_, events, memcg, expected) => {
    expect(countersOf(events).of(memcg)).toMatchObject(expected);
  });

  test("zeros where nothing happened, and no line of their own", () => {
    const counters = countersOf([{ type: "fault", what: "x" }]);
    expect(counters.all()).toEqual([]);
    expect(counters.of("/a")).toEqual({
      memcg: "/a",
      local: 0,
      hierarchical: 0,
      byCause: { memcg: NONE, system: NONE, user: NONE },
      oom: 0,
      delayExpired: 0,
      noVictim: 0,
    });
  });

  test("a process that two tell of, or one tells of twice, is one", () => {
    const victims = [victim("/a")];
    const told: EventBody[] = [
      { type: "kill", memcg: "/a", dryRun: false, victims, missed: [] },
      { type: "user-kill", memcg: "/a", uid: 0, victims },
      { type: "user-kill", memcg: "/a", uid: 0, victims },
    ];
    const { byCause } = countersOf(told).of("/a");
    expect(byCause).toEqual({ memcg: { handler: 1, kernel: 0 }, system: NONE, user: NONE });
  });
});

describe("memcgs that come and go", () => {
  test("a removed one lives on above, and its name begins anew", () => {
    const counters = countersOf([kill("/a", "/a/b")]);
    counters.move(new Map([["/a/b", null]]));
    expect(counters.of("/a/b").hierarchical).toBe(0);
    expect(counters.of("/a").hierarchical).toBe(1);
  });

  test("one that is gone when its kill is told counts above alone", () => {
    const counters = countersOf([kill("/a", "/a/b/c")], (memcg) => memcg === "/a" || memcg === "/");
    expect(counters.all().map(({ memcg, local, hierarchical }) => [memcg, local, hierarchical])).toEqual([
      ["/", 0, 1],
      ["/a", 0, 1],
    ]);
  });

  test("renamed ones keep theirs, even if they swap their names", () => {
    const counters = countersOf([kill("/a", "/a"), kill("/b", "/b", "/b")]);
    counters.move(
      new Map([
        ["/a", "/b"],
        ["/b", "/a"],
      ]),
    );
    expect([counters.of("/a").local, counters.of("/b").local]).toEqual([2, 1]);
  });

  test("beyond 10,000 memcgs kills count above", () => {
    const names = Array.from({ length: 10_100 }, (_, index) => `/a/${index}`);
    const counters = countersOf(names.map((name) => kill("/a", name)));
    expect(counters.all()).toHaveLength(10_000);
    expect(counters.of("/a").hierarchical).toBe(10_100);
  });
});

test("the next run goes on from what was kept, unless another memcg has the name", () => {
  const counters = countersOf([kill("/a", "/a/b", "/a/c"), kernelKill("/a/b")]);
  const next = new Counters((memcg) => (memcg === "/a/c" ? 2n : 1n), counters.kept());
  expect(next.all()).toEqual(counters.all());
  next.dropGone();
  expect(next.of("/a/c").local).toBe(0);
  expect(next.of("/a")).toEqual(counters.of("/a"));
});

test("whatever happens, hierarchical is the sum of what is local below, and of the causes", () => {
  const path = fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 4 }).map((names) => `/${names.join("/")}`);
  const event = fc.oneof(
    fc.tuple(path, fc.array(path, { maxLength: 4 })).map(([memcg, places]) => kill(memcg, ...places)),
    fc.tuple(path, fc.array(path, { maxLength: 4 })).map(([memcg, places]) => userKill(memcg, ...places)),
    fc
      .tuple(path, fc.constantFrom("memcg" as const, "system" as const))
      .map(([memcg, cause]) => kernelKill(memcg, cause)),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const all = countersOf(events).all();
      for (const { memcg, hierarchical, byCause } of all) {
        const below = all.filter((one) => memcg === "/" || one.memcg === memcg || one.memcg.startsWith(`${memcg}/`));
        expect(below.reduce((sum, { local }) => sum + local, 0)).toBe(hierarchical);
        const causes = Object.values(byCause).flatMap(({ handler, kernel }) => [handler, kernel]);
        expect(causes.reduce((sum, kills) => sum + kills, 0)).toBe(hierarchical);
      }
    }),
  );
});
