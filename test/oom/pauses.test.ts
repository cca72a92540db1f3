import { expect, test } from "vitest";
import type { TreeNode } from "../../src/hierarchy/tree.ts";
import { Pauses } from "../../src/oom/pauses.ts";
import { usePolicy } from "../support/use-policy.ts";
import { until } from "../support/wait.ts";

const node = (path: string): TreeNode => ({ path, name: "", ino: 1n, parent: null, children: new Map(), watch: null });

test("a pause is that of one memcg, and of its policy", () => {
  const pauses = new Pauses();
  const by = usePolicy("kernel postActionDelayMs=60000");
  const [killedIn, other] = [node("/a"), node("/b")];
  pauses.begin(killedIn, by);
  expect(pauses.of(killedIn)?.by).toBe(by);
  expect(pauses.of(other)).toBeNull();
});

test("who wants none begins none", () => {
  const pauses = new Pauses();
  const killedIn = node("/a");
  pauses.begin(killedIn, usePolicy("kernel"));
  expect(pauses.of(killedIn)).toBeNull();
});

test("it ends", async () => {
  const pauses = new Pauses();
  const killedIn = node("/a");
  pauses.begin(killedIn, usePolicy("kernel postActionDelayMs=10"));
  await until("it is over", () => pauses.of(killedIn) === null);
});
