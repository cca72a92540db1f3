import { expect, test } from "vitest";
import { describeEvent } from "../../src/report/describe.ts";
import type { EventBody } from "../../src/report/events.ts";

const MIB = 2 ** 20;

const holdings = {
  anonBytes: 12 * MIB,
  shmemBytes: 60 * MIB,
  fileBytes: 0,
  kernelBytes: MIB,
  otherBytes: 100,
  elsewhereBytes: 10 * MIB,
  mappedBytes: 0,
  unevictableBytes: 3 * MIB,
};
const livelock = { type: "livelock", memcg: "/jobs", kills: 2, withinMs: 1_490, livedMs: [240, 1_310] } as const;

test.each<[EventBody, string]>([
  [
    { type: "unreclaimable", memcg: "/jobs", killed: 2, holdings, memoryStat: "cache 1\nrss 2\n" },
    [
      "/jobs is still full after 2 kills and nobody is left",
      "    60 MiB  tmpfs and shared memory, that stay until they are removed",
      "    10 MiB  memory of processes elsewhere, that moved out or share it",
      "   2.0 MiB  memory of its processes",
      "   1.0 MiB  kernel memory",
      "   3.0 MiB  of all that is locked",
    ].join("\n"),
  ],
  [
    {
      type: "silent-oom",
      memcg: "/jobs",
      usageBytes: 64 * MIB,
      limitBytes: 64 * MIB,
      counter: "memory.failcnt",
      mode: "report",
      holdings: { ...holdings, anonBytes: 0, elsewhereBytes: 0, kernelBytes: 0, unevictableBytes: 0 },
    },
    [
      "/jobs is full and charges fail without anybody waiting (memory.failcnt): 64 MiB of 64 MiB",
      "    60 MiB  tmpfs and shared memory, that stay until they are removed",
    ].join("\n"),
  ],
  [
    { ...livelock, comm: "web\x1b", victimMemcg: "/jobs/web", action: "wider" },
    "/jobs: web\\x1b of /jobs/web was started and killed 2 times in 1.5 s, and lived 0.2 s, 1.3 s; all of its memcg dies with it until there has been no OOM for a minute",
  ],
  [
    { ...livelock, comm: null, victimMemcg: null, action: "report" },
    "/jobs: a process was started and killed 2 times in 1.5 s, and lived 0.2 s, 1.3 s; nothing is done about it",
  ],
])("%j", (body, text) => {
  expect(describeEvent({ time: "2026-01-01T00:00:00.000Z", seq: 1, ...body })).toBe(text);
});
