import { expect, test } from "vitest";
import type { Decision } from "../../src/oom/decide.ts";
import { pauseAfter, Turns } from "../../src/oom/turns.ts";
import { usePolicy } from "../support/use-policy.ts";

const decisionOf = (postActionDelayMs: number) =>
  ({ by: usePolicy(`kernel postActionDelayMs=${postActionDelayMs}`) }) as unknown as Decision;

/** How long it paused, while tasks wait for the first `looks` looks. */
async function paused(
  postActionDelayMs: number,
  deadlineMs: number,
  looks = Number.POSITIVE_INFINITY,
): Promise<number> {
  const start = performance.now();
  let count = 0;
  await pauseAfter(decisionOf(postActionDelayMs), start + deadlineMs, () => ++count <= looks);
  return performance.now() - start;
}

test("after a kill by a policy that wants a pause nobody else is killed for so long", async () => {
  expect(await paused(60, 10_000)).toBeGreaterThanOrEqual(60);
});

test.each([
  ["the delay is over", 60_000, 50, undefined],
  ["memory is back", 60_000, 60_000, 2],
  ["none is wanted", 0, 60_000, undefined],
])("but no longer: %s", async (_, postActionDelayMs, deadlineMs, looks) => {
  expect(await paused(postActionDelayMs, deadlineMs, looks)).toBeLessThan(10_000);
});

test("who is passed over does not decide any more", () => {
  const [first, second] = [usePolicy("kernel"), usePolicy("swap-usage")];
  const turns = new Turns([first, second]);
  turns.passOver(first);
  expect(turns.left).toEqual([second]);
});
