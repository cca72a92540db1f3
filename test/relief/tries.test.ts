import { afterEach, beforeEach, expect, test } from "vitest";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { readFill } from "../../src/kernel/memcg.ts";
import { Tries } from "../../src/relief/tries.ts";
import type { Attempt, Plight, Result } from "../../src/relief/types.ts";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;
let tries: Tries;
let begun: string[];
beforeEach(() => {
  directory = new WatchedDirectory();
  directory.start("/a", "/b");
  tries = new Tries();
  begun = [];
});
afterEach(() => directory.remove());

const at = (path: string) => directory.tree.find(path) as TreeNode;

interface Course {
  readonly delayMs?: number;
  readonly waits?: () => boolean;
  readonly superseded?: () => boolean;
}

/** Nobody can end it but its deadline, unless `waits` says that nobody waits any more. */
const plightOf = (
  path = "/a",
  { delayMs = 400, waits = () => true, superseded = () => false }: Course = {},
): Plight => ({
  held: { node: at(path), directory: directory.tree.directoryOf(at(path)), delayMs },
  noticedMs: performance.now(),
  deadlineMs: performance.now() + delayMs,
  fill: () => readFill(directory.tree.directoryOf(at(path))),
  isWaiting: waits,
  isSuperseded: superseded,
});

const attempt = (
  result: Promise<Result> | Result,
  { windowMs = 10_000, by = "handler" as Attempt["by"] } = {},
): Attempt => ({
  by,
  of: at("/b"),
  windowMs,
  begin: async () => {
    begun.push(by);
    return result;
  },
});
const never = new Promise<Result>(() => {});

test("what has passed is not waited for", async () => {
  const start = performance.now();
  const tried = await tries.go([attempt({ outcome: "pass", detail: "why" })], plightOf());
  expect(tried).toMatchObject([{ by: "handler", of: "/b", outcome: "pass", detail: "why", relieved: false }]);
  expect(performance.now() - start).toBeLessThan(250);
});

test("what cannot be begun has failed", async () => {
  const broken: Attempt = {
    ...attempt(never),
    begin: () => {
      throw new Error("EMFILE");
    },
  };
  expect(await tries.go([broken], plightOf())).toMatchObject([{ outcome: "failed", detail: "EMFILE" }]);
});

test("what never ends has its window and no more, and never beyond what is left for the kill", async () => {
  for (const [windowMs, mostMs] of [
    [50, 50],
    [10_000, 300],
  ] as const) {
    const plight = plightOf();
    const start = performance.now();
    const [tried] = await tries.go(
      [attempt(never, { windowMs, by: windowMs === 50 ? "listener" : "handler" })],
      plight,
    );
    expect(tried).toMatchObject({ outcome: "timed out", windowMs: mostMs });
    expect(performance.now() - start).toBeGreaterThanOrEqual(mostMs - 1);
    expect(performance.now()).toBeLessThan(plight.deadlineMs);
  }
});

test("those of a stage go on side by side", async () => {
  const stage = [attempt(never, { windowMs: 60, by: "listener" }), attempt({ outcome: "pass" }, { by: "handler" })];
  const start = performance.now();
  const tried = await tries.go(stage, plightOf());
  expect(performance.now() - start).toBeLessThan(250);
  expect(begun).toEqual(["listener", "handler"]);
  expect(tried.map(({ outcome }) => outcome)).toEqual(["timed out", "pass"]);
  expect(tried[1]?.tookMs).toBeLessThan(50);
});

test.each([
  ["nobody waits any more", { waits: () => false }, true],
  ["a memcg above is out of memory", { superseded: () => true }, false],
])("it ends as soon as %s", async (_, options, relieved) => {
  const start = performance.now();
  expect(await tries.go([attempt(never)], plightOf("/a", options))).toMatchObject([
    { outcome: "unfinished", relieved },
  ]);
  expect(performance.now() - start).toBeLessThan(250);
});

test("memory that was let go of has a moment to come back", async () => {
  const start = performance.now();
  const waits = () => performance.now() - start < 40;
  const tried = await tries.go([attempt({ outcome: "done" })], plightOf("/a", { waits }));
  expect(tried).toMatchObject([{ outcome: "done", relieved: true }]);
});

test("each is tried once in an OOM, and not again in one that comes back within the delay", async () => {
  const plight = plightOf();
  const passes = attempt({ outcome: "pass" });
  expect(tries.open([passes], plight)).toEqual([passes]);
  await tries.go([passes], plight);
  expect(tries.open([passes], plight)).toEqual([]);
  expect(tries.open([passes], plightOf())).toEqual([]);
  const other = attempt({ outcome: "pass" }, { by: "listener" });
  expect(tries.open([passes, other], plight)).toEqual([other]);
  expect(tries.open([passes], plightOf("/b"))).toEqual([passes]);
});

test("it is tried again in another OOM once the delay has passed, and never twice in the same", async () => {
  const plight = plightOf("/a", { delayMs: 60 });
  const passes = attempt({ outcome: "pass" });
  await tries.go([passes], plight);
  while (performance.now() < plight.deadlineMs + 20) await new Promise((resolve) => setTimeout(resolve, 5));
  const longer = { ...plight, deadlineMs: performance.now() + 10_000 };
  expect(tries.open([passes], plightOf())).toEqual([passes]);
  await tries.go([passes], longer);
  expect(tries.open([passes], longer)).toEqual([]);
});

test("what has not ended when the OOM comes back is waited for, and not begun again", async () => {
  let settle: (result: Result) => void = () => {};
  const slow = attempt(new Promise<Result>((resolve) => (settle = resolve)));
  await tries.go([slow], plightOf("/a", { waits: () => false }));
  const back = plightOf();
  expect(tries.open([slow], back)).toEqual([slow]);
  setTimeout(() => settle({ outcome: "done" }), 20);
  expect(await tries.go([slow], back)).toMatchObject([{ outcome: "done" }]);
  expect(begun).toEqual(["handler"]);
  expect(tries.open([slow], back)).toEqual([]);
});

test.each([0, -5, 3])("a window of %i ms is none", (windowMs) => {
  expect(tries.open([attempt(never, { windowMs })], plightOf())).toEqual([]);
});

test("nothing is begun where no time is left but for the kill", () => {
  const plight = { ...plightOf(), deadlineMs: performance.now() + 100 };
  expect(tries.open([attempt(never)], plight)).toEqual([]);
});
