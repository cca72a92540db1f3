import { describe, expect, test } from "vitest";
import { ProcessBadness } from "../../src/badness/process-badness.ts";
import { DEFAULTS } from "../../src/config/keys.ts";
import type { ProcessRule } from "../../src/config/types.ts";
import type { ProcessFacts } from "../../src/hierarchy/live.ts";

const rule = (line: number, match: ProcessRule["match"], badness: number): ProcessRule => ({
  match,
  badness,
  where: `f:${line}`,
});
const process = (facts: Partial<ProcessFacts>): ProcessFacts => ({
  pid: 7,
  startTime: 1,
  ppid: 1,
  comm: "x",
  memcg: "/",
  uid: () => null,
  exe: () => null,
  ...facts,
});

const unread = () => {
  throw new Error("read without need");
};

describe("all keys must hold, a later rule overrides", () => {
  const processes = new ProcessBadness(
    [
      rule(1, { memcg: "/jobs/**" }, 100),
      rule(2, { comm: "postgres" }, 10_000),
      rule(3, { exe: "/usr/lib/*/bin/server" }, 30),
      rule(4, { uid: 1000, comm: "node" }, 40),
      rule(5, { uid: 0, memcg: "/jobs/root" }, 0),
    ],
    DEFAULTS,
  );

  test.each<[string, Partial<ProcessFacts>, number, string]>([
    ["nothing matches", {}, 5000, "default"],
    ["memcg", { memcg: "/jobs/a" }, 100, "f:1"],
    ["comm", { comm: "postgres" }, 10_000, "f:2"],
    ["comm is no glob", { comm: "postgres2" }, 5000, "default"],
    ["comm and memcg", { comm: "postgres", memcg: "/jobs/a" }, 10_000, "f:2"],
    ["exe", { exe: () => "/usr/lib/9/bin/server" }, 30, "f:3"],
    ["exe replaced by an upgrade", { exe: () => "/usr/lib/9/bin/server (deleted)" }, 30, "f:3"],
    ["exe beats the comm before it", { comm: "postgres", exe: () => "/usr/lib/9/bin/server" }, 30, "f:3"],
    ["uid and comm", { comm: "node", uid: () => 1000 }, 40, "f:4"],
    ["comm without its uid", { comm: "node", uid: () => 1001 }, 5000, "default"],
    ["uid 0 and badness 0", { memcg: "/jobs/root", uid: () => 0 }, 0, "f:5"],
    ["a uid that is gone is not 0", { memcg: "/jobs/root" }, 100, "f:1"],
    ["a hostile comm", { comm: "foo) Z \udcff" }, 5000, "default"],
  ])("%s", (_, facts, value, source) => expect(processes.of(process(facts))).toEqual({ value, source }));
});

test("without rules nothing is read", () => {
  expect(new ProcessBadness([], DEFAULTS).of(process({ uid: unread, exe: unread })).value).toBe(5000);
});

test("uid and exe are read only for a rule whose other keys hold", () => {
  const processes = new ProcessBadness([rule(1, { comm: "a", uid: 1, exe: "/**" }, 1)], DEFAULTS);
  expect(processes.of(process({ comm: "b", uid: unread, exe: unread })).value).toBe(5000);
});

test("a value set at run time comes first, for that very process", () => {
  const set = {
    get: (pid: number, startTime: number) => (pid === 7 && startTime === 1 ? { value: 3, source: "set" } : undefined),
  };
  const processes = new ProcessBadness([rule(1, { comm: "x" }, 1)], DEFAULTS, set);
  expect(processes.of(process({})).source).toBe("set");
  expect(processes.of(process({ startTime: 2 })).source).toBe("f:1");
});
