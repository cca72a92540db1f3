/** Snapshots by the thousand for property tests: small trees full of ties, with everything that can be strange. */
import * as fc from "fast-check";
import type { Snapshot } from "../../src/snapshot/types.ts";

const names = ["a", "a-b", "Z", "é", "\udc80", "\uff5e", "😀"];
const path = fc
  .array(fc.constantFrom(...names), { maxLength: 4 })
  .map((parts) => `/top${parts.map((p) => `/${p}`).join("")}`);
const badness = fc.constantFrom(0, 1, 5000, 9999, 10_000);
const rssBytes = fc.constantFrom(0, 1, 2, 3, 100);

const memcg = fc.record(
  { path, badness, kill: fc.constantFrom("process" as const, "process" as const, "group" as const), rssBytes },
  { requiredKeys: ["path"] },
);

const task = fc.record(
  {
    pid: fc.integer({ min: 1, max: 60 }),
    memcg: path,
    rssBytes,
    badness,
    startTime: fc.integer({ min: 1, max: 3 }),
    oomScoreAdj: fc.constantFrom(0, 0, 0, -999, -1000),
    comm: fc.string({ unit: "binary", maxLength: 4 }),
    state: fc.constantFrom("S", "R", "D", "Z", "X"),
    kernelThread: fc.constantFrom(false, false, false, true),
    dying: fc.constantFrom(false, false, false, true),
  },
  { requiredKeys: ["pid", "memcg"] },
);

/** Any snapshot that can be read; every memcg and pid once. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  oomMemcg: fc.constant("/top"),
  memcgs: fc.uniqueArray(memcg, { selector: (each) => each.path, maxLength: 14 }),
  tasks: fc.uniqueArray(task, { selector: (each) => each.pid, maxLength: 24 }),
  exclude: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
});
