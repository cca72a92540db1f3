import { uptime } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import type { LivelockMode } from "../../src/config/types.ts";
import type { Ranks } from "../../src/hierarchy/live.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { DEATHS } from "../../src/livelock/detector.ts";
import { Livelock } from "../../src/livelock/livelock.ts";
import { type Event, Reporter } from "../../src/report/events.ts";

const RANKS: Ranks = {
  memcg: () => ({ badness: { value: 7 }, kill: { value: "process" } }),
  process: () => ({ value: 5000 }),
  isExcluded: () => false,
};

let reporter: Reporter;
let mode: LivelockMode;
let livelock: Livelock;

beforeEach(() => {
  reporter = new Reporter(100);
  livelock = new Livelock(reporter, () => mode);
});

function node(path: string): TreeNode {
  return { path, name: "", ino: 0n, parent: null, children: new Map(), watch: null };
}

/** So many victims, each started just now; the events that came of it. */
function die(
  memcg: string,
  { dryRun = false, count = DEATHS, oomMemcg = "/jobs" } = {},
): Extract<Event, { type: "livelock" }>[] {
  for (let n = 0; n < count; n++) {
    const victim = { pid: 100 + n, startTime: Math.round(uptime() * 100), comm: "leak", memcg, rssBytes: 0 };
    reporter.report({ type: "oom", memcg: oomMemcg, usageBytes: 1, limitBytes: 1 });
    reporter.report({ type: "kill", memcg: oomMemcg, dryRun, victims: [victim], missed: [] });
    reporter.flush();
  }
  reporter.flush();
  return reporter.recent.filter((event) => event.type === "livelock");
}

const kill = (path: string, oomMemcg?: string) =>
  livelock.widen(RANKS).memcg(node(path), oomMemcg === undefined ? undefined : node(oomMemcg)).kill.value;

test("it is said who, how often, and how long each lived", () => {
  mode = "report";
  const [event] = die("/jobs/a");
  expect(event).toMatchObject({
    memcg: "/jobs",
    comm: "leak",
    victimMemcg: "/jobs/a",
    kills: DEATHS,
    action: "report",
  });
  expect(event?.livedMs.length).toBe(DEATHS);
  expect(Math.max(...(event?.livedMs ?? [1e9]))).toBeLessThan(1_000);
  expect([kill("/jobs/a", "/jobs"), livelock.isLeftToKernel("/jobs")]).toEqual(["process", false]);
});

test("wider: where it dies again and again all die, in an OOM of this memcg alone", () => {
  mode = "wider";
  expect(kill("/jobs/a", "/jobs")).toBe("process");
  expect(die("/jobs/a")).toMatchObject([{ action: "wider" }]);
  expect(kill("/jobs/a", "/jobs")).toBe("group");
  expect([kill("/jobs", "/jobs"), kill("/jobs/b", "/jobs"), kill("/jobs/a", "/jobs/a"), kill("/jobs/a")]).toEqual(
    Array(4).fill("process"),
  );
  expect(livelock.widen(RANKS).memcg(node("/jobs/a"), node("/jobs")).badness.value).toBe(7);
  expect(livelock.isLeftToKernel("/jobs")).toBe(false);
});

test("wider never means all of the OOM memcg", () => {
  mode = "wider";
  expect(die("/jobs")).toMatchObject([{ victimMemcg: "/jobs", action: "report" }]);
  expect(kill("/jobs", "/jobs")).toBe("process");
});

test("hand-back: the kernel chooses, and the ranks are what they were", () => {
  mode = "hand-back";
  expect(livelock.isLeftToKernel("/jobs")).toBe(false);
  expect(die("/jobs/a")).toMatchObject([{ action: "hand-back" }]);
  expect(livelock.isLeftToKernel("/jobs")).toBe(true);
  expect(livelock.isLeftToKernel("/jobs/a")).toBe(false);
  expect(kill("/jobs/a", "/jobs")).toBe("process");
});

test("hand-back does not apply to the machine, where the kernel's killer is never held off", () => {
  mode = "hand-back";
  expect(die("/jobs/a", { oomMemcg: "/" })).toMatchObject([{ memcg: "/", action: "report" }]);
  expect(livelock.isLeftToKernel("/")).toBe(false);
  mode = "wider";
  expect(kill("/jobs/a", "/")).toBe("group");
});

test("what is done follows the configuration at once", () => {
  mode = "hand-back";
  die("/jobs/a");
  mode = "report";
  expect(livelock.isLeftToKernel("/jobs")).toBe(false);
});

describe("nothing is made of", () => {
  test.each([
    ["a dry run", { dryRun: true }],
    ["one too few", { count: DEATHS - 1 }],
  ])("%s", (_, how) => {
    mode = "hand-back";
    expect(die("/jobs/a", how)).toEqual([]);
    expect(livelock.isLeftToKernel("/jobs")).toBe(false);
  });

  test("what comes after it was stopped", () => {
    mode = "hand-back";
    livelock.stop();
    expect(die("/jobs/a")).toEqual([]);
  });
});
