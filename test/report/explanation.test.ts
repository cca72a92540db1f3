import { expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import { explain } from "../../src/report/explanation.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { Snapshot, SnapshotMemcg } from "../../src/snapshot/types.ts";
import { readCase } from "../support/snapshot-fixtures.ts";
import { SpiedMemcg } from "../support/spied-hierarchy.ts";

const MIB = 2 ** 20;

test("an ordinary kill", () => {
  const snapshot: Snapshot = {
    oomMemcg: "/jobs",
    memcgs: [
      { path: "/jobs/batch-17", badness: 100 },
      { path: "/jobs/batch-18", badness: 100 },
      { path: "/jobs/web", badness: 9000 },
      { path: "/jobs/db", badness: 10_000 },
    ],
    tasks: [
      { pid: 4711, memcg: "/jobs/batch-17", comm: "ffmpeg", rssBytes: 80 * MIB },
      { pid: 4712, memcg: "/jobs/batch-17", comm: "sh", rssBytes: 1 * MIB },
      { pid: 4811, memcg: "/jobs/batch-18", comm: "ffmpeg", rssBytes: 4 * MIB },
      { pid: 300, memcg: "/jobs/web", comm: "nginx", rssBytes: 700 * MIB },
      { pid: 200, memcg: "/jobs/db", comm: "postgres", rssBytes: 3000 * MIB },
      { pid: 100, memcg: "/jobs", comm: "supervisor", rssBytes: 9 * MIB },
    ],
    exclude: [],
  };
  expect(screen(snapshot)).toMatchInlineSnapshot(`
    "Out of memory: /jobs
    Victim: process 4711 (ffmpeg) of /jobs/batch-17, badness 5000, 80 MiB
    Lower badness dies first; at equal badness, the larger RSS.

                              badness      RSS
    /jobs
    → memcg batch-17              100   81 MiB  largest of the lowest badness
      memcg batch-18              100  4.0 MiB  smaller: 4.0 MiB < 81 MiB
      process 100 supervisor     5000  9.0 MiB  badness 5000 > 100
      memcg web                  9000  700 MiB  badness 9000 > 100
      memcg db                  10000  2.9 GiB  protected: badness 10000 (never)

    /jobs/batch-17
    ✗ process 4711 ffmpeg        5000   80 MiB  dies: largest of the lowest badness
      process 4712 sh            5000  1.0 MiB  smaller: 1.0 MiB < 80 MiB
    "
  `);
});

test("a live hierarchy: sizes that were not needed are not shown, and not read", () => {
  const memcgs: SnapshotMemcg[] = [
    { path: "/m/a", badness: 1, rssBytes: 80 * MIB },
    { path: "/m/b", badness: 1, rssBytes: 4 * MIB },
    { path: "/m/c", badness: 2, rssBytes: 90 * MIB },
  ];
  const inner = hierarchyOf({ oomMemcg: "/m", memcgs, tasks: [{ pid: 7, memcg: "/m/a" }], exclude: [] });
  const root = new SpiedMemcg(inner, 2000);
  const text = textOf(root, () => root.log());
  expect(text).toMatchInlineSnapshot(`
    "Out of memory: /m
    Victim: process 7 of /m/a, badness 5000, 0 B
    Lower badness dies first; at equal badness, the larger RSS.

                 badness        RSS
    /m
    → memcg a          1     80 MiB  largest of the lowest badness
      memcg b          1  ≤ 4.0 MiB  smaller: ≤ 4.0 MiB < 80 MiB
      memcg c          2          –  badness 2 > 1

    /m/a
    ✗ process 7     5000        0 B  dies: the only candidate
    "
  `);
});

test.each(["group-inside", "hostile-names", "not-killable", "all-protected", "deep-tree"])("%s", (name) => {
  expect(screen(readCase(name))).toMatchSnapshot();
});

test("many losers are counted by reason", () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => index);
  const memcgs = numbers.map((index) => ({ path: `/m/${index}`, badness: index < 20 ? 10_000 : 100 + index }));
  const tasks = numbers.map((index) => ({ pid: index + 2, memcg: `/m/${index}`, rssBytes: 4096 }));
  const text = screen({ oomMemcg: "/m", memcgs, tasks, exclude: [] });
  expect(text).toContain("  … and 2,989 more: 2,969 higher badness, 20 protected\n");
  expect(text.split("\n").length).toBeLessThan(24);
  const unprotected = { oomMemcg: "/m", memcgs: memcgs.slice(20), tasks: tasks.slice(20), exclude: [] };
  expect(screen(unprotected)).toContain("  … and 2,969 more: higher badness\n");
});

test("a fold of one is not folded", () => {
  const tasks = (count: number) => Array.from({ length: count }, (_, index) => ({ pid: index + 2, memcg: "/m" }));
  expect(screen({ oomMemcg: "/m", memcgs: [], tasks: tasks(12), exclude: [] })).not.toContain("…");
  expect(screen({ oomMemcg: "/m", memcgs: [], tasks: tasks(13), exclude: [] })).toContain("… and 2 more: lower pid");
});

test("colour adds colour and nothing else", () => {
  const coloured = screen(readCase("alibaba-example"), true);
  expect(coloured).toContain("\x1b[1;31m✗");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  expect(coloured.replace(/\x1b\[[0-9;]*m/g, "")).toBe(screen(readCase("alibaba-example")));
});

function screen(snapshot: Snapshot, colour = false): string {
  return textOf(hierarchyOf(snapshot), () => [], colour);
}

/** The screen of a decision; `asked` gives what was read so far, and must not grow while it is printed. */
function textOf(root: Memcg, asked: () => string[], colour = false): string {
  const first = rank(root, strictPriority).next();
  const before = asked();
  const text =
    first.done === true
      ? explain({ victim: null, levels: [first.value] }, { colour })
      : explain(first.value, { colour });
  expect(asked()).toEqual(before);
  return text;
}
