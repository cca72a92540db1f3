import { expect, test } from "vitest";
import type { Next } from "../../../src/cli/top/sight.ts";
import { daemonWords, nextWords, shortVictim } from "../../../src/cli/top/words.ts";
import type { Victim } from "../../../src/select/types.ts";
import { hierarchyOf } from "../../../src/snapshot/tree.ts";
import { processVictim, STATUS } from "../../support/plain-sight.ts";

const WORKER = processVictim("/jobs/batch", 42, "worker");
const BATCH = groupOf("/jobs/batch", 42, 43);

test.each<[string, string, Partial<Next>, boolean, string]>([
  ["nobody", "/jobs", {}, false, "Next to die in /jobs: nobody may be killed"],
  [
    "a process below the top",
    "/jobs",
    { victim: WORKER },
    false,
    "Next to die in /jobs: process 42 (worker) of batch, badness 5000, 80 MiB",
  ],
  [
    "a process of the top itself",
    "/jobs/batch",
    { victim: WORKER },
    false,
    "Next to die in /jobs/batch: process 42 (worker), badness 5000, 80 MiB",
  ],
  [
    "seen from the root",
    "/",
    { victim: WORKER },
    false,
    "Next to die in /: process 42 (worker) of jobs/batch, badness 5000, 80 MiB",
  ],
  ["a group", "/jobs", { victim: BATCH }, false, "Next to die in /jobs: all 2 processes of batch, badness 7"],
  [
    "by another policy",
    "/jobs",
    { victim: WORKER, policy: "kernel" },
    false,
    "Next to die in /jobs by kernel: process 42 (worker) of batch, badness 5000, 80 MiB",
  ],
  ["in an OOM", "/jobs", {}, true, "/jobs is OUT OF MEMORY, next to die: nobody may be killed"],
  [
    "what cannot be read",
    "/jobs",
    { unknown: "EACCES" },
    true,
    "/jobs is OUT OF MEMORY, next to die: not known, EACCES",
  ],
])("who is next: %s", (_, top, next, isUnderOom, words) => {
  expect(nextWords({ top, title: top }, { victim: null, policy: null, ...next }, isUnderOom)).toBe(words);
});

test.each([
  [WORKER, "42 worker"],
  [processVictim("/jobs", 42, ""), "42"],
  [BATCH, "all 2"],
])("the victim in its row", (victim, words) => {
  expect(shortVictim(victim)).toBe(words);
});

test.each([
  [{ status: null, goneSince: null }, /^no badnessd: the settings are those of its files$/],
  [{ status: STATUS, goneSince: null }, /^badnessd 1\.2\.3, 0 armed$/],
  [{ status: { ...STATUS, ready: false }, goneSince: null }, /^badnessd 1\.2\.3 is starting, 0 armed$/],
  [{ status: { ...STATUS, dryRun: true }, goneSince: null }, /^badnessd 1\.2\.3, 0 armed, dry run: kills nobody$/],
  [
    { status: STATUS, goneSince: new Date(2026, 10, 23, 14, 2, 3).getTime() },
    /^badnessd is gone since .*: its last settings$/,
  ],
])("the daemon: %#", (daemon, words) => {
  expect(daemonWords({ kills: [], ...daemon })).toMatch(words);
});

function groupOf(path: string, ...pids: readonly number[]): Victim {
  const tasks = pids.map((pid) => ({ pid, comm: "helper", memcg: path, rssBytes: 0, badness: 5000, startTime: 1 }));
  const memcg = hierarchyOf({ oomMemcg: path, memcgs: [{ path, badness: 7, kill: "group" }], tasks, exclude: [] });
  return { kind: "memcg", memcg, tasks: memcg.tasks };
}
