import { describe, expect, test } from "vitest";
import { MemcgBadness } from "../../src/badness/memcg-badness.ts";
import { DEFAULTS } from "../../src/config/keys.ts";
import type { MemcgRule } from "../../src/config/types.ts";

const rule = (line: number, glob: string, values: Partial<MemcgRule>): MemcgRule => ({
  glob,
  ...values,
  where: `f:${line}`,
});

const memcgs = new MemcgBadness(
  [
    rule(1, "/jobs/**", { badness: 100, kill: "group" }),
    rule(2, "/jobs/web-*", { badness: 9000 }),
    rule(3, "/jobs/web-1", { delayMs: 7, kill: "process" }),
    rule(4, "/zero", { badness: 0, delayMs: 0 }),
  ],
  DEFAULTS,
);

describe("a later rule overrides an earlier one, key by key", () => {
  test.each([
    ["/", [5000, "default"], ["process", "default"], [10_000, "default"]],
    ["/jobs", [5000, "default"], ["process", "default"], [10_000, "default"]],
    ["/jobs/a", [100, "f:1"], ["group", "f:1"], [10_000, "default"]],
    ["/jobs/web-2", [9000, "f:2"], ["group", "f:1"], [10_000, "default"]],
    ["/jobs/web-1", [9000, "f:2"], ["process", "f:3"], [7, "f:3"]],
    ["/zero", [0, "f:4"], ["process", "default"], [0, "f:4"]],
    ["/__proto__", [5000, "default"], ["process", "default"], [10_000, "default"]],
  ])("%s", (path, ...expected) => {
    const { badness, kill, delayMs } = memcgs.of(path);
    expect([badness, kill, delayMs].map(({ value, source }) => [value, source])).toEqual(expected);
  });
});

describe("trusted xattrs, then the files, user xattrs, the default", () => {
  const trusted = { badness: { value: 1, source: "trusted.oom_badness" } };
  const user = {
    badness: { value: 2, source: "user.oom_badness" },
    delayMs: { value: 3, source: "user.oom_delay_ms" },
  };

  test.each([
    ["/jobs/a", { trusted, user }, "trusted.oom_badness", "user.oom_delay_ms"],
    ["/jobs/a", { trusted: {}, user }, "f:1", "user.oom_delay_ms"],
    ["/other", { trusted: {}, user }, "user.oom_badness", "user.oom_delay_ms"],
    ["/other", { trusted: {}, user: {} }, "default", "default"],
  ])("%s %#", (path, xattrs, badness, delayMs) => {
    const priority = memcgs.of(path, xattrs);
    expect([priority.badness.source, priority.delayMs.source]).toEqual([badness, delayMs]);
  });
});
