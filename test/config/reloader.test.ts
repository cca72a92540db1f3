import { expect, test } from "vitest";
import { lastOfEachKey } from "../../src/config/reloader.ts";

test.each([
  ["nothing", [], []],
  ["another key", ["oom.delay_ms=1", "oom.kmsg=1"], ["oom.delay_ms=1", "oom.kmsg=1"]],
  ["the same key", ["oom.delay_ms=1", "oom.kmsg=1", "oom.delay_ms=2"], ["oom.delay_ms=2", "oom.kmsg=1"]],
  ["however it is written", ["oom.delay_ms=1", " -oom/delay_ms = 2"], [" -oom/delay_ms = 2"]],
  ["a value with = in it", ["oom.policy=kernel dry=1", "oom.policy=kernel dry=0"], ["oom.policy=kernel dry=0"]],
])("what was set again stands once: %s", (_, assignments, kept) => {
  expect(lastOfEachKey(assignments)).toEqual(kept);
});
