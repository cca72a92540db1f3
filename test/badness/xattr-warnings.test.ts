import { expect, test } from "vitest";
import { XattrWarnings } from "../../src/badness/xattr-warnings.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";

/** Of a memcg nothing but its path is asked for. */
const nodeOf = (path: string) => ({ path }) as TreeNode;
const bad = (name: string, value: string) => ({ name, value, reason: "expected another" });

test("an owner who sets one bad value after the other mutes nothing of what root sets", () => {
  const said: string[] = [];
  const warnings = new XattrWarnings((_, what) => said.push(what));
  const node = nodeOf("/a");
  for (let n = 0; n < 100; n++) warnings.note(node, [bad("user.oom_badness", `bad ${n}`)]);
  expect(said).toHaveLength(8);
  warnings.note(node, [bad("trusted.oom_badness", "x"), bad("user.oom_badness", "bad 100")]);
  expect(said.slice(8)).toEqual(['trusted.oom_badness "x" is ignored: expected another']);
});

test("nor do the owners of many memcgs", () => {
  const said: string[] = [];
  const warnings = new XattrWarnings((memcg) => said.push(memcg));
  for (let n = 0; n < 100; n++) warnings.note(nodeOf(`/${n}`), [bad("user.oom_kill", "x")]);
  expect(said).toHaveLength(50);
  warnings.note(nodeOf("/roots"), [bad("trusted.oom_kill", "x")]);
  expect(said.at(-1)).toBe("/roots");
});
