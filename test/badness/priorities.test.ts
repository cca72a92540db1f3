import { expect, test } from "vitest";
import { Priorities } from "../../src/badness/priorities.ts";
import { DEFAULTS } from "../../src/config/keys.ts";
import type { Config } from "../../src/config/types.ts";
import type { TreeNode } from "../../src/hierarchy/tree.ts";

const node = (path: string): TreeNode => ({ path, name: "", ino: 1n, parent: null, children: new Map(), watch: null });

const config: Config = {
  settings: { ...DEFAULTS, guard: ["/jobs", "/tenants/*"], defaultBadness: 6000 },
  memcgs: [{ glob: "/jobs/*", badness: 1, kill: "group", delayMs: 5, where: "f:1" }],
  processes: [{ match: { comm: "x" }, badness: 2, where: "f:2" }],
  files: [],
  directories: [],
  notes: [],
};

const priorities = new Priorities(config);

test("guards what the globs name, and not what is below", () => {
  const guarded = (path: string) => priorities.guard.some((glob) => glob.matches(path));
  expect(["/jobs", "/jobs/a", "/tenants", "/tenants/a"].map(guarded)).toEqual([true, false, false, true]);
});

test("guards nothing while it is switched off", () => {
  expect(new Priorities({ ...config, settings: { ...config.settings, enabled: false } }).guard).toEqual([]);
});

test("remembers a memcg: the same object for the same node", () => {
  const [a, other] = [node("/jobs/a"), node("/other")];
  expect(priorities.memcg(a)).toMatchObject({ badness: { value: 1 }, kill: { value: "group" }, delayMs: { value: 5 } });
  expect(priorities.memcg(a)).toBe(priorities.memcg(a));
  expect(priorities.memcg(other).badness).toEqual({ value: 6000, source: "default" });
});

test("gives a process its value", () => {
  const facts = { pid: 1, startTime: 1, ppid: 1, memcg: "/", uid: () => null, exe: () => null };
  expect(priorities.process({ ...facts, comm: "x" })).toEqual({ value: 2, source: "f:2" });
  expect(priorities.process({ ...facts, comm: "y" })).toEqual({ value: 6000, source: "default" });
});

test("an OOM is decided by the policy of the memcg, then those above it, then that of all", () => {
  const [all, jobs, batch] = ["kernel", "swap-usage", "pressure"].map((name) => ({ name, args: {} }));
  const named = new Priorities({
    ...config,
    settings: { ...config.settings, ...(all && { policy: all }) },
    memcgs: [
      { glob: "/jobs/**", badness: 1, where: "f:1" },
      { glob: "/jobs", where: "f:2", ...(jobs && { policy: jobs }) },
      { glob: "/jobs/*", where: "f:3", ...(jobs && { policy: jobs }) },
      { glob: "/jobs/batch", where: "f:4", ...(batch && { policy: batch }) },
    ],
  });
  const root = node("/");
  const top = { ...node("/jobs"), parent: root };
  expect(named.policiesOf({ ...node("/jobs/batch"), parent: top })).toEqual([batch, jobs, all]);
  expect(named.policiesOf({ ...node("/jobs/web"), parent: top })).toEqual([jobs, all]);
  expect(named.policiesOf(root)).toEqual([all]);
});
