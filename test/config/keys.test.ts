import { expect, test } from "vitest";
import { DEFAULTS, findKey, KEYS } from "../../src/config/keys.ts";

test.each(KEYS.map((key) => [key.name, key] as const))("%s reads what it prints", (_, key) => {
  expect(key.apply(DEFAULTS, key.print(DEFAULTS))).toEqual({ value: DEFAULTS });
  expect(key.summary).not.toMatch(/\.$/);
});

test.each([
  ["oom.enabled", "0"],
  ["oom.guard", "/jobs /tenants/*"],
  ["oom.delay_ms", "1"],
  ["oom.default_badness", "7"],
  ["oom.policy_files", "/x/*.yaml"],
  ["oom.dry_run", "1"],
  ["oom.relief", "reclaim lend:64M"],
  ["oom.silent", "handle"],
  ["oom.policy", "swap-usage recursive=1 cgroup=/a\\040b,/c"],
  ["oom.kmsg", "1"],
  ["oom.livelock", "hand-back"],
  ["oom.system.enabled", "0"],
  ["oom.system.min_available", "64M"],
  ["oom.system.min_free_swap", "5%"],
  ["oom.system.max_stall", "100%"],
  ["oom.on_kill", "jq . | mail -s 'a \"kill\"' root"],
  ["oom.on_kill_timeout_ms", "1"],
  ["oom.metrics.listen", "[::1]:9711"],
  ["oom.log.level", "debug"],
  ["oom.log.format", "json"],
])("%s = %s changes that one value", (name, text) => {
  const applied = findKey(name)?.apply(DEFAULTS, text);
  const settings = applied !== undefined && "value" in applied ? applied.value : DEFAULTS;
  const changed = KEYS.filter((key) => key.print(settings) !== key.print(DEFAULTS));
  expect(changed.map((key) => [key.name, key.print(settings)])).toEqual([[name, text]]);
});

test("slashes stand for dots, as in sysctl", () => expect(findKey("oom/delay_ms")?.name).toBe("oom.delay_ms"));
