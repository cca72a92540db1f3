import { expect, test } from "vitest";
import type { Decision } from "../../src/oom/decide.ts";
import { Turns } from "../../src/oom/turns.ts";
import { usePolicy } from "../support/use-policy.ts";

const [first, second] = [usePolicy("kernel"), usePolicy("swap-usage")];

test("who is passed over does not decide any more", () => {
  const turns = new Turns([first, second]);
  turns.passOver(first);
  expect(turns.left).toEqual([second]);
});

test("who knows nobody goes on being asked, and is spoken of once an OOM", () => {
  const turns = new Turns([first, second]);
  const decision = { failed: [], rehearsed: [], silent: [second] } as unknown as Decision;
  expect(turns.newsOf(decision)).toBe("Policy swap-usage knows nobody to kill.\n");
  expect(turns.newsOf(decision)).toBe("");
  expect(turns.left).toEqual([first, second]);
});
