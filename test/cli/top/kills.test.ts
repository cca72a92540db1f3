import { expect, test } from "vitest";
import { cellsOf } from "../../../src/cli/top/cells.ts";
import { type Kill, withEvent } from "../../../src/cli/top/kills.ts";
import { killWords } from "../../../src/cli/top/words.ts";
import { killOf } from "../../support/plain-sight.ts";

const one = killOf(1, 71, "train", "/jobs/batch");
const two = killOf(2, 72, "fetch", "/jobs/batch");

test("kills are kept in their order, and other events are not", () => {
  const note = { type: "note", what: "x", time: one.time, seq: 9 } as const;
  expect([one, note, two].reduce(withEvent, [])).toEqual([one, two]);
});

test("what a daemon tells again is known, what another one tells with the same number is not", () => {
  const kills = [one, two, one, two].reduce(withEvent, []);
  expect(kills).toEqual([one, two]);
  const other = { ...one, time: "2026-12-01T00:00:00.000Z" };
  expect(withEvent(kills, other)).toEqual([one, two, other]);
});

test("no more are kept than can be looked at", () => {
  const many = Array.from({ length: 250 }, (_, seq) => killOf(seq, seq, "x", "/x"));
  const kept = many.reduce<readonly Kill[]>(withEvent, []);
  expect(kept).toEqual(many.slice(-100));
});

const { time, seq } = one;
const [victim] = one.type === "kill" ? one.victims : [];
const missed = { pid: 73, startTime: 1, comm: "x", memcg: "/jobs/c", rssBytes: 0, why: "EPERM" };

test.each<[words: string, kill: Kill]>([
  ["killed 71 (train), 80 MiB of /jobs/batch", one],
  ["killed 71 (train), 80 MiB, and 1 more of /jobs/batch", { ...one, victims: [victim, victim] } as Kill],
  ["dry run, would kill 71 (train), 80 MiB of /jobs/batch", { ...one, dryRun: true } as Kill],
  ["could not kill 73 (x), 0 B: EPERM, of /jobs/c", { ...one, victims: [], missed: [missed] } as Kill],
  ["killed nobody of /jobs/batch", { ...one, memcg: "/jobs/batch", victims: [] } as Kill],
  [
    "the kernel killed 9 (node) of /jobs/free",
    { type: "kernel-kill", time, seq, cause: "memcg", memcg: "/jobs/free", oomMemcg: "/jobs", pid: 9, comm: "node" },
  ],
  [
    "the kernel killed 9 (node) (the system was out of memory) of /a",
    { type: "kernel-kill", time, seq, cause: "system", memcg: "/a", oomMemcg: null, pid: 9, comm: "node" },
  ],
  [
    "the kernel killed a process",
    { type: "kernel-kill", time, seq, cause: "memcg", memcg: null, oomMemcg: null, pid: null, comm: null },
  ],
  ["kill-all killed 2 of /jobs", { type: "user-kill", time, seq, memcg: "/jobs", uid: 0, victims: [missed, missed] }],
])("%s", (words, kill) => {
  expect(killWords(kill, 100)).toBe(`  11-23 14:02:01  ${words}`);
});

test("of a line that is too long, the path gives way", () => {
  const words = killWords(killOf(1, 71, "train", `/jobs/${"x".repeat(100)}/end`), 80);
  expect(cellsOf(words)).toBe(80);
  expect(words).toMatch(/killed 71 \(train\), 80 MiB of \/jobs\/x+…x+\/end$/);
});
