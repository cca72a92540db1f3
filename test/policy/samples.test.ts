import { expect, test } from "vitest";
import type { RankingPolicy } from "../../policies/contract.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import { bind } from "../../src/policy/loaded.ts";
import { keyOf, Samples } from "../../src/policy/samples.ts";
import { grow } from "../support/grow.ts";
import { until } from "../support/wait.ts";

const node = (path: string): TreeNode => ({ path, name: "", ino: 1n, parent: null, children: new Map(), watch: null });
const policy = (prerun: (memcg: Memcg, before: unknown) => unknown): RankingPolicy => ({
  name: "counts",
  summary: "for a test",
  prerun,
  rankForKilling: (siblings) => siblings,
  describeKill: () => "",
});

function started(prerun: (memcg: Memcg, before: unknown) => unknown, nodes: readonly TreeNode[]) {
  const by = bind({ name: "counts", args: {} }, policy(prerun));
  const faults: string[] = [];
  const samples = new Samples({
    sampled: () => nodes.map((each) => ({ by, node: each })),
    memcgOf: ({ path }) => ({ ...grow({ a: [2] }), path }) as Memcg,
    onFault: (_, error) => faults.push((error as Error).message),
  });
  samples.tick();
  return { samples, faults, of: (each: TreeNode) => samples.of(keyOf(by.use), each) };
}

test("what is returned is kept, and handed back at the next round", () => {
  const [a, b] = [node("/a"), node("/b")];
  const seen: unknown[] = [];
  const { samples, of } = started(
    (memcg, before) => {
      seen.push(before);
      return memcg.path;
    },
    [a, b],
  );
  expect([of(a), of(b), of(node("/a"))]).toEqual(["/a", "/b", undefined]);
  // The next round is not due yet.
  samples.tick();
  expect(seen).toEqual([undefined, undefined]);
  samples.stop();
});

test("more than fits into a portion is taken later, in pieces", async () => {
  const nodes = Array.from({ length: 12 }, (_, index) => node(`/${index}`));
  let taken = 0;
  const { samples } = started(() => {
    taken += 1;
    for (const end = performance.now() + 1; performance.now() < end; );
    return taken;
  }, nodes);
  expect(taken).toBeLessThan(12);
  await until("all are taken", () => taken === 12);
  samples.stop();
});

test("one that throws has nothing to go by, and the others have", () => {
  const [a, b] = [node("/a"), node("/b")];
  const { samples, faults, of } = started(
    ({ path }) => {
      if (path === "/a") throw new Error("no luck");
      return path;
    },
    [a, b],
  );
  expect([of(a), of(b), faults]).toEqual([undefined, "/b", ["no luck"]]);
  samples.stop();
});
