import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEFAULTS } from "../../src/config/keys.ts";
import { parsePolicyText } from "../../src/config/policy-file.ts";
import type { Config, Settings } from "../../src/config/types.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { readFill } from "../../src/kernel/memcg.ts";
import { Commands } from "../../src/relief/commands.ts";
import { Listeners } from "../../src/relief/listeners.ts";
import { Loans } from "../../src/relief/loans.ts";
import { hasMeasures, Measures } from "../../src/relief/measures.ts";
import { stagesOf } from "../../src/relief/stages.ts";
import type { Plight } from "../../src/relief/types.ts";
import { Reporter } from "../../src/report/events.ts";
import type { Choice } from "../../src/select/types.ts";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;
beforeEach(() => {
  directory = new WatchedDirectory();
  directory.start("/jobs/web/blue/7", "/jobs/batch");
});
afterEach(() => directory.remove());

const configOf = (policy: string, settings: Partial<Settings> = {}): Config => ({
  settings: { ...DEFAULTS, ...settings },
  ...parsePolicyText("f", policy),
  files: [],
  directories: [],
  notes: [],
});
const at = (path: string) => directory.tree.find(path) as TreeNode;

const plightAt = (path: string, { delayMs = 10_000, sinceMs = 0 } = {}): Plight => ({
  held: { node: at(path), directory: directory.tree.directoryOf(at(path)), delayMs },
  noticedMs: performance.now() - sinceMs,
  deadlineMs: performance.now() - sinceMs + delayMs,
  fill: () => readFill(directory.tree.directoryOf(at(path))),
  isWaiting: () => true,
  isSuperseded: () => false,
});

const choiceIn = (memcg: string): Choice => ({
  victim: {
    kind: "process",
    task: {
      pid: 7,
      memcg,
      rssBytes: 0,
      badness: 0,
      startTime: 1,
      oomScoreAdj: 0,
      comm: "",
      state: "S",
      kernelThread: false,
      dying: false,
      excluded: false,
      facts: { swapBytes: null, pageTableBytes: null },
    },
  },
  levels: [],
});

/** `BY MEMCG` of each attempt, a list a stage that has any. */
function stages(
  policy: string,
  oomMemcg: string,
  victimIn: string | null,
  { listening = [] as string[], settings = {} } = {},
): string[][] {
  const listeners = new Listeners();
  for (const path of listening) listeners.add(at(path), { uid: 0, isRuler: true, tell: () => true, end() {} });
  const means = {
    tree: directory.tree,
    delayOf: () => 1_000,
    measures: new Measures(configOf(policy, settings)),
    listeners,
    loans: new Loans({ runtimeDir: directory.path, reporter: new Reporter(0), reserve: () => "1%" }),
    commands: new Commands(),
  };
  const all = [...stagesOf(plightAt(oomMemcg), victimIn === null ? null : choiceIn(victimIn), means)];
  return all.filter(({ length }) => length > 0).map((stage) => stage.map(({ by, of }) => `${by} ${of.path}`));
}

describe("who is turned to, in order", () => {
  const hooks = "memcgs: { /jobs/web/**: { preKill: { command: x } }, /jobs: { preKill: { command: y } } }";
  test.each([
    ["nobody", "", "/jobs", "/jobs/web", [], []],
    ["nobody, for it is allowed elsewhere", "memcgs: { /x: { relief: reclaim } }", "/jobs", "/jobs/web", [], []],
    [
      "steps, of the OOM memcg alone",
      "memcgs: { /jobs: { relief: lend:1M reclaim }, /jobs/web: { relief: reclaim } }",
      "/jobs",
      "/jobs/web",
      [],
      [["lend /jobs"], ["reclaim /jobs"]],
    ],
    [
      "every listener on the way up from the victim, and none beside it",
      "",
      "/jobs",
      "/jobs/web/blue",
      ["/", "/jobs", "/jobs/web", "/jobs/web/blue", "/jobs/web/blue/7", "/jobs/batch"],
      [["listener /jobs/web/blue", "listener /jobs/web", "listener /jobs", "listener /"]],
    ],
    ["who listens above the OOM memcg", "", "/jobs/web", "/jobs/web/blue", ["/jobs"], [["listener /jobs"]]],
    [
      "the nearest handler",
      "memcgs: { /jobs/**: { handler: { command: x } }, /jobs: { handler: { command: y } } }",
      "/jobs",
      "/jobs/web/blue",
      ["/jobs/web"],
      [["listener /jobs/web", "handler /jobs/web/blue"]],
    ],
    ["the nearest hook", hooks, "/jobs", "/jobs/web/blue/7", [], [["pre-kill /jobs/web/blue/7"]]],
    ["the nearest hook above", hooks, "/jobs", "/jobs/batch", [], [["pre-kill /jobs"]]],
    [
      "all of them",
      "memcgs: { /jobs: { relief: reclaim, handler: { command: x }, preKill: { command: y } } }",
      "/jobs",
      "/jobs/web",
      ["/jobs/web"],
      [["reclaim /jobs"], ["listener /jobs/web", "handler /jobs"], ["pre-kill /jobs"]],
    ],
    [
      "no hook where nobody is to be killed",
      "memcgs: { /jobs: { relief: reclaim, handler: { command: x }, preKill: { command: y } } }",
      "/jobs",
      null,
      ["/jobs", "/jobs/web"],
      [["reclaim /jobs"], ["listener /jobs", "handler /jobs"]],
    ],
    [
      "those of the OOM memcg where the victim's has gone",
      "memcgs: { /jobs: { preKill: { command: y } } }",
      "/jobs",
      "/jobs/gone",
      [],
      [["pre-kill /jobs"]],
    ],
  ])("%s", (_, policy, oomMemcg, victimIn, listening, expected) => {
    expect(stages(policy, oomMemcg, victimIn, { listening })).toEqual(expected);
  });

  test("oom.relief holds where no policy file says otherwise, key by key", () => {
    const settings = { relief: [{ step: "reclaim" }] as const };
    const policy = "memcgs: { /jobs/*: { relief: none }, /jobs/web: { preKill: { command: x } } }";
    expect(stages(policy, "/jobs", "/jobs/batch", { settings })).toEqual([["reclaim /jobs"]]);
    expect(stages(policy, "/jobs/web", "/jobs/web", { settings })).toEqual([["pre-kill /jobs/web"]]);
  });
});

describe("how long they have", () => {
  const windows = (policy: string, oomMemcg: string, delays: Record<string, number>, plight = plightAt(oomMemcg)) => {
    const listeners = new Listeners();
    for (const path of ["/jobs", "/jobs/web/blue"])
      listeners.add(at(path), { uid: 0, isRuler: true, tell: () => true, end() {} });
    const means = {
      tree: directory.tree,
      delayOf: ({ path }: TreeNode) => delays[path] ?? 10_000,
      measures: new Measures(configOf(policy)),
      listeners,
      loans: new Loans({ runtimeDir: directory.path, reporter: new Reporter(0), reserve: () => "1%" }),
      commands: new Commands(),
    };
    const all = [...stagesOf(plight, choiceIn("/jobs/web/blue/7"), means)].flat();
    return Object.fromEntries(all.map(({ by, of, windowMs }) => [`${by} ${of.path}`, windowMs]));
  };

  test("an owner has their delay, and no longer than those between them and the OOM memcg", () => {
    const delays = { "/jobs": 4_000, "/jobs/web": 2_000, "/jobs/web/blue": 9_000, "/jobs/web/blue/7": 1 };
    expect(windows("", "/jobs", delays)).toEqual({ "listener /jobs/web/blue": 2_000, "listener /jobs": 4_000 });
    expect(windows("", "/jobs/web", delays)).toEqual({ "listener /jobs/web/blue": 9_000, "listener /jobs": 4_000 });
  });

  test("a hook has what is said, or five seconds", () => {
    const hook = (more: string) => `memcgs: { /jobs: { preKill: { command: x${more} } } }`;
    expect(windows(hook(""), "/jobs", {})["pre-kill /jobs"]).toBe(5_000);
    expect(windows(hook(", timeoutMs: 70"), "/jobs", {})["pre-kill /jobs"]).toBe(70);
  });

  test.each([
    [10_000, 0, 1_000],
    [10_000, 700, 300],
    [10_000, 2_000, -1_000],
    [500, 0, 100],
  ])("reclaiming in a delay of %i ms has after %i ms %i ms left", (delayMs, sinceMs, leftMs) => {
    const plight = plightAt("/jobs", { delayMs, sinceMs });
    const window = windows("memcgs: { /jobs: { relief: reclaim } }", "/jobs", {}, plight)["reclaim /jobs"] ?? 0;
    expect(Math.abs(window - leftMs)).toBeLessThan(50);
  });
});

test.each([
  ["", {}, false],
  ["memcgs: { /jobs: { badness: 1 } }", {}, false],
  ["memcgs: { /jobs: { relief: none } }", {}, true],
  ["", { relief: [{ step: "reclaim" }] }, true],
] as const)("%j with %j allows anything: %s", (policy, settings, expected) => {
  expect(hasMeasures(configOf(policy, settings))).toBe(expected);
});
