import { afterEach, beforeEach, expect, test } from "vitest";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { type Answer, type Listener, Listeners } from "../../src/relief/listeners.ts";
import type { Plea } from "../../src/relief/plea.ts";
import { WatchedDirectory } from "../support/watched-directory.ts";

let directory: WatchedDirectory;
let node: TreeNode;
beforeEach(() => {
  directory = new WatchedDirectory();
  directory.start("/a");
  node = directory.tree.find("/a") as TreeNode;
});
afterEach(() => directory.remove());

const plea = (windowMs: number): Plea => {
  return { memcg: "/a", oomMemcg: "/", usageBytes: 1, limitBytes: 1, windowMs, victim: null };
};

/** Somebody behind a connection that takes every line. */
class Reader implements Listener {
  readonly uid: number;
  readonly isRuler: boolean;
  readonly told: { readonly ask: number }[] = [];
  hasEnded = false;
  reads = true;

  constructor(uid: number, isRuler = false) {
    this.uid = uid;
    this.isRuler = isRuler;
  }
  tell(line: string): boolean {
    this.told.push(JSON.parse(line));
    return this.reads;
  }
  end(): void {
    this.hasEnded = true;
  }
}

test.each<[string, (readonly Answer[] | null)[], string]>([
  ["one says done", [["done"]], "done"],
  ["one passes", [["pass"]], "pass"],
  ["one passes and one has done what there was to do", [["pass"], ["done"]], "done"],
  ["one says nothing", [[]], "timed out"],
  ["one says nothing, though another has answered", [["done"], []], "timed out"],
  ["one does not read", [null], "gone"],
  ["one does not read, and one passes", [null, ["pass"]], "pass"],
])("%s", async (_, behaviour, outcome) => {
  const listeners = new Listeners();
  const readers = behaviour.map((answers) => {
    const reader = new Reader(7);
    reader.reads = answers !== null;
    listeners.add(node, reader);
    return reader;
  });
  const asked = listeners.ask(node, 7, plea(100));
  for (const [index, answers] of behaviour.entries()) {
    for (const answer of answers ?? []) listeners.answer(readers[index]?.told[0]?.ask ?? 0, answer, 7);
  }
  expect(await asked).toEqual({ outcome });
});

test("who leaves is waited for no longer", async () => {
  const listeners = new Listeners();
  const leave = listeners.add(node, new Reader(7));
  const asked = listeners.ask(node, 7, plea(60_000));
  leave();
  expect(await asked).toEqual({ outcome: "gone" });
  expect(listeners.has(node)).toBe(false);
  expect(listeners.size).toBe(0);
});

test("the memcg belongs to another by now: only root is told", async () => {
  const listeners = new Listeners();
  const [former, root] = [new Reader(7), new Reader(0, true)];
  for (const each of [former, root]) listeners.add(node, each);
  const asked = listeners.ask(node, 8, plea(50));
  expect([former.told.length, root.told.length]).toEqual([0, 1]);
  expect(await asked).toEqual({ outcome: "timed out" });
  expect(await new Listeners().ask(node, 7, plea(50))).toEqual({ outcome: "gone" });
});

test("nobody answers for another, nor twice, nor too late", async () => {
  const listeners = new Listeners();
  const reader = new Reader(7);
  listeners.add(node, reader);
  const asked = listeners.ask(node, 7, plea(60_000));
  const ask = reader.told[0]?.ask ?? 0;
  expect(listeners.answer(ask, "pass", 8)).toBe(false);
  expect(listeners.answer(ask + 1, "pass", 7)).toBe(false);
  expect(listeners.answer(ask, "done", null)).toBe(true);
  expect(listeners.answer(ask, "pass", 7)).toBe(false);
  expect(await asked).toEqual({ outcome: "done" });
});

test("each question has a number of its own", async () => {
  const listeners = new Listeners();
  const reader = new Reader(7);
  listeners.add(node, reader);
  await listeners.ask(node, 7, plea(5));
  await listeners.ask(node, 7, plea(5));
  expect(new Set(reader.told.map(({ ask }) => ask)).size).toBe(2);
});

test("a memcg that goes shows its listeners out", () => {
  const listeners = new Listeners();
  const reader = new Reader(7);
  listeners.add(node, reader);
  expect(listeners.all()).toEqual([{ memcg: "/a", uid: 7 }]);
  listeners.forget([directory.tree.root]);
  expect(reader.hasEnded).toBe(false);
  listeners.forget([node]);
  expect(reader.hasEnded).toBe(true);
});
