import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBody } from "../../src/report/events.ts";
import { killOf, Reported } from "../support/figures.ts";
import { type MetricFamily, parsePrometheusText, sampleOf } from "../support/prometheus-text.ts";

const KILLS = "badnessd_kills_total";
const relieved = (tookMs: number, killedMs: number | null): EventBody => ({
  type: "relieved",
  memcg: "/jobs",
  victims: [],
  steps: killedMs === null ? null : { decidedMs: 0, killedMs, goneMs: killedMs, relievedMs: tookMs },
  usageBytes: 0,
  tookMs,
  kernelKilled: 0,
});

async function metricsOf(reported: Reported): Promise<Map<string, MetricFamily>> {
  return parsePrometheusText(await reported.text());
}

test("while nothing has happened all is there, at zero, so that the first of everything is seen to happen", async () => {
  const reported = new Reported();
  reported.armed = ["/jobs"];
  const metrics = await metricsOf(reported);
  for (const memcg of ["/", "/jobs"]) {
    expect(sampleOf(metrics, KILLS, { memcg, cause: "memcg", killer: "handler" })).toBe(0);
    expect(sampleOf(metrics, "badnessd_ooms_total", { memcg })).toBe(0);
  }
  expect(sampleOf(metrics, KILLS, { memcg: "/", cause: "user", killer: "handler" })).toBe(0);
  expect(sampleOf(metrics, "badnessd_armed_memcgs")).toBe(1);
  expect(sampleOf(metrics, "badnessd_on_kill_runs_total", { result: "skipped" })).toBe(0);
  expect(sampleOf(metrics, "badnessd_memcgs_left_out")).toBe(0);
});

test("counters are those of stats, by cause and by killer", async () => {
  const reported = new Reported();
  reported.report(
    { type: "oom", memcg: "/jobs", usageBytes: 1, limitBytes: 1 },
    killOf("/jobs", "/jobs/a", 1),
    killOf("/", "/jobs/a", 2),
    { type: "kernel-kill", cause: "memcg", memcg: "/jobs/b", oomMemcg: null, pid: null, comm: null },
    { type: "user-kill", memcg: "/jobs", uid: 0, victims: [{ pid: 3, startTime: 1, memcg: "/jobs" }] },
    { type: "delay-expired", memcg: "/jobs", delayMs: 1, kernelKilled: 1 },
    { type: "no-victim", memcg: "/jobs", explanation: "" },
    { type: "fault", what: "x" },
  );
  reported.onKill.timeout = 7;
  const metrics = await metricsOf(reported);
  for (const counters of reported.counters.all()) {
    const { memcg, byCause } = counters;
    for (const [cause, kills] of Object.entries(byCause)) {
      for (const [killer, count] of Object.entries(kills)) {
        expect(sampleOf(metrics, KILLS, { memcg, cause, killer }) ?? 0).toBe(count);
      }
    }
    expect(sampleOf(metrics, "badnessd_local_kills_total", { memcg })).toBe(counters.local);
    expect(sampleOf(metrics, "badnessd_ooms_total", { memcg })).toBe(counters.oom);
    expect(sampleOf(metrics, "badnessd_delays_expired_total", { memcg })).toBe(counters.delayExpired);
    expect(sampleOf(metrics, "badnessd_no_victim_total", { memcg })).toBe(counters.noVictim);
  }
  expect(
    metrics.get(KILLS)?.samples.reduce((sum, { labels, value }) => sum + (labels["memcg"] === "/" ? value : 0), 0),
  ).toBe(4);
  expect(sampleOf(metrics, "badnessd_faults_total")).toBe(1);
  expect(sampleOf(metrics, "badnessd_on_kill_runs_total", { result: "timeout" })).toBe(7);
});

test("what took how long before anybody asked is in the right bucket, and is there again the next time", async () => {
  const reported = new Reported();
  reported.report(relieved(13.5, 1.9), relieved(10_400, null), relieved(5, 5), relieved(90_000, 61_000));
  for (let count = 0; count < 2; count++) {
    const metrics = await metricsOf(reported);
    const samples = (name: string) => metrics.get(name)?.samples ?? [];
    const bucket = (name: string, le: string) => samples(name).find(({ labels }) => labels["le"] === le)?.value;
    const sum = (name: string) => samples(name).find((sample) => sample.name.endsWith("_sum"))?.value;
    const [toKill, toRelief] = ["badnessd_notification_to_kill_seconds", "badnessd_notification_to_relief_seconds"];
    expect(["0.001", "0.0025", "0.005", "60", "+Inf"].map((le) => bucket(toKill, le))).toEqual([0, 1, 2, 2, 3]);
    expect(sum(toKill)).toBeCloseTo(61.0069, 9);
    expect(["0.0025", "0.005", "0.01", "0.025", "10", "30", "60", "+Inf"].map((le) => bucket(toRelief, le))).toEqual([
      0, 1, 1, 2, 2, 3, 3, 4,
    ]);
    expect(sum(toRelief)).toBeCloseTo(100.4185, 9);
  }
});

test("own processes are told apart, and one that there is not is missing", async () => {
  const metrics = await metricsOf(new Reported());
  for (const name of ["badnessd_resident_memory_bytes", "badnessd_anonymous_memory_bytes", "badnessd_open_fds"]) {
    expect(metrics.get(name)?.samples.map(({ labels }) => labels)).toEqual([{ process: "handler" }]);
  }
  const [resident, anonymous] = ["resident", "anonymous"].map((kind) =>
    sampleOf(metrics, `badnessd_${kind}_memory_bytes`, { process: "handler" }),
  );
  expect(anonymous).toBeGreaterThan(2 ** 20);
  expect(resident).toBeGreaterThan(anonymous ?? 0);
  expect(sampleOf(metrics, "badnessd_open_fds", { process: "handler" })).toBeGreaterThan(3);
});

test("of very many memcgs the upper ones are shown, and how many are not is said", async () => {
  const reported = new Reported();
  for (let count = 0; count < 1_000; count++) {
    const memcg = `/tenants/t${count}`;
    reported.report({ type: "oom", memcg, usageBytes: 1, limitBytes: 1 });
  }
  reported.report(killOf("/late", "/late", 1));
  reported.armed = ["/armed", "/tenants/t1", `/${"x".repeat(5_000)}`];
  const metrics = await metricsOf(reported);
  const shown = metrics.get("badnessd_ooms_total")?.samples.map(({ labels }) => labels["memcg"]) ?? [];
  expect(shown).toHaveLength(200);
  expect(shown).toEqual(expect.arrayContaining(["/", "/late", "/armed", "/tenants/t1"]));
  expect(sampleOf(metrics, "badnessd_memcgs_left_out")).toBe(1_000 + 4 - 200);
});

test("names of anybody's choosing are one series each at the most, and never spoil the rest", async () => {
  const name = fc.oneof(
    fc.string({ unit: "binary", minLength: 1 }),
    fc.constantFrom(
      '"',
      "\\",
      "\udcff",
      "\\xff",
      "\udcfe",
      '"} 1\n# HELP x',
      "\x1b[31m",
      "__proto__",
      "a,killer:handler",
    ),
  );
  const path = fc
    .array(
      name.map((text) => text.replaceAll("/", "x")),
      { maxLength: 3 },
    )
    .map((names) => `/${names.join("/")}`);
  await fc.assert(
    fc.asyncProperty(fc.array(path), fc.array(path), async (paths, armed) => {
      const reported = new Reported();
      reported.armed = armed;
      reported.report(...paths.map((memcg, index) => killOf("/", memcg, index + 1)));
      const text = await reported.text();
      expect(text).not.toMatch(/[^\P{C}\n]/u);
      const metrics = parsePrometheusText(text);
      const root = { memcg: "/", cause: "system", killer: "handler" };
      expect(sampleOf(metrics, KILLS, root)).toBe(paths.length);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["no end", "# HELP a b\n# TYPE a gauge\na 1"],
  ["a series twice", "# HELP a b\n# TYPE a gauge\na 1\na 2\n"],
  ["a family twice", "# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\n"],
  ["no type", "# HELP a b\na 1\n"],
  ["another's sample", "# HELP a b\n# TYPE a gauge\nb 1\n"],
  ["no number", "# HELP a b\n# TYPE a gauge\na one\n"],
  ["a bare quote", '# HELP a b\n# TYPE a gauge\na{x="""} 1\n'],
  ["an escape that is none", '# HELP a b\n# TYPE a gauge\na{x="\\q"} 1\n'],
  ["a counter without _total", "# HELP a b\n# TYPE a counter\na 1\n"],
  ["a count below zero", "# HELP a_total b\n# TYPE a_total counter\na_total -1\n"],
  [
    "a histogram that falls",
    '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  ],
  ["a histogram without its end", '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n'],
])("the parser that says so refuses %s", (_, text) => {
  expect(() => parsePrometheusText(text)).toThrow();
});
