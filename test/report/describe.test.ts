import { expect, test } from "vitest";
import { describeEvent } from "../../src/report/describe.ts";
import type { EventBody, Victim } from "../../src/report/events.ts";

const MIB = 2 ** 20;
const inWords = (body: EventBody) => describeEvent({ time: "2026-01-01T00:00:00.000Z", seq: 1, ...body });

const victim: Victim = { pid: 7, startTime: 70, comm: "job", memcg: "/jobs/a", rssBytes: 10 * MIB };
const strange: Victim = { pid: 8, startTime: 80, comm: "\x1b[31m", memcg: "/jobs/two\nlines\udcff", rssBytes: 0 };
const relieved = {
  type: "relieved",
  memcg: "/jobs",
  victims: [victim],
  usageBytes: 0,
  tookMs: 12.34,
  kernelKilled: 0,
} as const;
const kernelKill = { type: "kernel-kill", memcg: "/jobs/a", pid: 7, comm: "job" } as const;
const steps = { decidedMs: 1, killedMs: 1.25, goneMs: 3, relievedMs: 12.3 };
const decision = {
  type: "decision",
  memcg: "/jobs",
  policy: "p",
  explanation: "Why\n\n  so\n",
  decision: { victim: null, ranked: [], levels: [] },
} as const;

const relief = {
  type: "relief",
  memcg: "/jobs",
  of: "/jobs/a",
  detail: null,
  windowMs: 1_000,
  tookMs: 12.34,
  gainedBytes: 0,
  relieved: false,
} as const;

test.each<[EventBody, string]>([
  [
    { ...relief, by: "reclaim", outcome: "pass", detail: "nothing\ncame" },
    "/jobs: reclaim: pass (nothing\\x0acame) after 12.3 ms; still out of memory",
  ],
  [
    { ...relief, by: "lend", outcome: "done", gainedBytes: 64 * MIB, relieved: true },
    "/jobs: lend: done after 12.3 ms, 64 MiB gained; nobody waits any more",
  ],
  [
    { ...relief, by: "listener", outcome: "timed out" },
    "/jobs: listener of /jobs/a: timed out after 12.3 ms; still out of memory",
  ],
  [
    { ...relief, by: "pre-kill", of: "/jobs/\x07", outcome: "failed", detail: "exit code 7" },
    "/jobs: pre-kill hook of /jobs/\\x07: failed (exit code 7) after 12.3 ms; still out of memory",
  ],
  [
    { type: "loan-returned", memcg: "/jobs", bytes: 64 * MIB, tookMs: 2_000 },
    "/jobs has given back the 64 MiB that it was lent 2000.0 ms ago",
  ],
  [
    { type: "oom", memcg: "/", usageBytes: 961 * MIB, limitBytes: 1000 * MIB },
    "the machine is out of memory: 961 MiB of 1.0 GiB",
  ],
  [{ ...relieved, memcg: "/", steps: null }, "the machine is relieved after 12.3 ms; the kernel killed 0"],
  [{ type: "ready", version: "1.2.3", armed: 4 }, "badnessd 1.2.3 is ready: 4 memcgs armed"],
  [
    { type: "stopped", restored: 3, failed: [] },
    "stopped holding memcgs: everything is as it was, 3 given back to the kernel's killer",
  ],
  [
    { type: "stopped", restored: 3, failed: ["/a: EPERM", "/\x07: EPERM"] },
    "stopped holding memcgs, but could not give back /a: EPERM, /\\x07: EPERM",
  ],
  [{ type: "armed", memcg: "/jobs", delayMs: 500 }, "armed /jobs, delay 500 ms"],
  [
    { type: "disarmed", memcg: "/jobs", why: "process 7 of badnessd is in it" },
    "disarmed /jobs: process 7 of badnessd is in it",
  ],
  [
    { type: "oom", memcg: "/jobs", usageBytes: 99.5 * MIB, limitBytes: 100 * MIB },
    "/jobs is out of memory: 100 MiB of 100 MiB",
  ],
  [{ type: "config", changes: ["a = 1", "b = 2"] }, "the configuration has changed\n  a = 1\n  b = 2"],
  [{ type: "fault", what: "the failsafe is lost" }, "the failsafe is lost"],
  [{ type: "fault", what: "cannot listen", memcg: "/jobs" }, "/jobs: cannot listen"],
  [{ ...decision, snapshot: null }, "  Why\n\n    so"],
  [{ ...decision, snapshot: "/run/1.yaml" }, "  Why\n\n    so\n  Replay: badnessctl explain --snapshot /run/1.yaml"],
  [
    { type: "kill", memcg: "/jobs", dryRun: false, victims: [victim], missed: [] },
    "killed process 7 (job) of /jobs/a, 10 MiB",
  ],
  [
    { type: "kill", memcg: "/jobs", dryRun: true, victims: [victim], missed: [] },
    "dry run, would kill process 7 (job) of /jobs/a, 10 MiB",
  ],
  [
    { type: "kill", memcg: "/jobs", dryRun: false, victims: [], missed: [{ ...victim, why: "moved to /\x1b" }] },
    "could not kill process 7 (job) of /jobs/a, 10 MiB: moved to /\\x1b",
  ],
  [
    { type: "kill", memcg: "/jobs", dryRun: false, victims: [strange], missed: [] },
    "killed process 8 (\\x1b[31m) of /jobs/two\\x0alines\\xff, 0 B",
  ],
  [
    { type: "stuck", memcg: "/jobs", victims: [victim], waitedMs: 1000 },
    "process 7 (job) of /jobs/a, 10 MiB did not die within 1000 ms",
  ],
  [{ ...relieved, steps: null }, "/jobs is relieved after 12.3 ms; the kernel killed 0"],
  [
    { ...relieved, steps, kernelKilled: 2 },
    "/jobs is relieved after 12.3 ms (decided 1.0 ms, killed 1.3 ms, gone 3.0 ms, relieved 12.3 ms); the kernel killed 2",
  ],
  [
    { type: "delay-expired", memcg: "/jobs", delayMs: 500, kernelKilled: 1 },
    "/jobs: the delay of 500 ms is over; the kernel killed 1",
  ],
  [{ type: "no-victim", memcg: "/jobs", explanation: "Nobody\n" }, "nobody in /jobs may be killed\n  Nobody"],
  [
    { ...kernelKill, cause: "memcg", oomMemcg: "/jobs" },
    "the kernel killed process 7 (job) of /jobs/a: the limit of /jobs",
  ],
  [
    { ...kernelKill, cause: "memcg", oomMemcg: null, pid: null, comm: null },
    "the kernel killed a process of /jobs/a: the limit of a memcg",
  ],
  [
    { ...kernelKill, cause: "system", oomMemcg: null, memcg: null },
    "the kernel killed process 7 (job): the system was out of memory",
  ],
  [
    { type: "user-kill", memcg: "/jobs", uid: 1000, victims: [{ pid: 7, startTime: 70, memcg: "/jobs/a" }] },
    "user 1000 had all of /jobs killed: 1 of them",
  ],
  [{ type: "note", what: "cannot open\n/dev/kmsg" }, "cannot open\n/dev/kmsg"],
])("%j", (body, words) => {
  expect(inWords(body)).toBe(words);
});

test("killed and missed stand on lines of their own", () => {
  const missed = [{ ...victim, pid: 9, why: "EPERM" }];
  const words = inWords({ type: "kill", memcg: "/jobs", dryRun: false, victims: [victim], missed });
  expect(words.split("\n")).toEqual([
    "killed process 7 (job) of /jobs/a, 10 MiB",
    "could not kill process 9 (job) of /jobs/a, 10 MiB: EPERM",
  ]);
});

test.each([
  [5, 5, ""],
  [6, 5, " and 1 more"],
  [1_000, 5, " and 995 more"],
])("of %i victims %i are named", (count, named, more) => {
  const victims = Array.from({ length: count }, (_, pid) => ({ ...victim, pid }));
  const words = inWords({ type: "kill", memcg: "/jobs", dryRun: false, victims, missed: [] });
  expect(words.match(/process \d/g)).toHaveLength(named);
  expect(words.endsWith(`10 MiB${more}`)).toBe(true);
});

test("a path that would fill the screen is cut in its middle", () => {
  const memcg = `/begin${"/x".repeat(4_000)}/end`;
  const words = inWords({ type: "armed", memcg, delayMs: 1 });
  expect(words.length).toBeLessThan(150);
  expect(words).toMatch(/^armed \/begin.*….*\/end, delay 1 ms$/);
});
