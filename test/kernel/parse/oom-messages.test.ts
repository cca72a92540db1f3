import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseKilled, parsePlace } from "../../../src/kernel/parse/oom-messages.ts";

const REST =
  " total-vm:59948kB, anon-rss:30452kB, file-rss:1576kB, shmem-rss:0kB, UID:0 pgtables:124kB oom_score_adj:0";

describe("the line of a kill", () => {
  test.each([
    ["Memory cgroup out of memory: Killed process 7 (sh)", { pid: 7, comm: "sh", cause: "memcg" }],
    ["Out of memory: Killed process 7 (sh)", { pid: 7, comm: "sh", cause: "system" }],
    ["Out of memory (oom_kill_allocating_task): Killed process 7 (sh)", { pid: 7, comm: "sh", cause: "system" }],
    ["Killed process 7 (sh)", { pid: 7, comm: "sh", cause: null }],
    ["Memory cgroup out of memory: Killed process 7 (sh), UID 0,", { pid: 7, comm: "sh", cause: "memcg" }],
    ["Memory cgroup out of memory: Killed process 7 (a) b(c, d)", { pid: 7, comm: "a) b(c, d", cause: "memcg" }],
    ["Memory cgroup out of memory: Killed process 7 ()", { pid: 7, comm: "", cause: "memcg" }],
    ["Memory cgroup out of memory: Killed process 7 (a\nb)", { pid: 7, comm: "a\nb", cause: "memcg" }],
    [
      "Memory cgroup out of memory: Killed process 7 (x) total-vm:1kB)",
      { pid: 7, comm: "x) total-vm:1kB", cause: "memcg" },
    ],
  ])("%s", (line, expected) => {
    expect(parseKilled(line + REST)).toEqual(expected);
  });

  test.each([
    "Memory cgroup out of memory: Killed process 7 (sh)",
    `Killed process[9]: segfault at 0 (x)${REST}`,
    `oom_reaper: reaped process 7 (sh), now anon-rss:0kB`,
    `x: Killed process 7 (sh)${REST}`,
    `Out of memory: Kill process 7 (sh) score 9 or sacrifice child`,
    "Tasks in /a are going to be killed due to memory.oom.group set",
    "",
  ])("none: %s", (line) => {
    expect(parseKilled(line)).toBeNull();
  });
});

const BEGIN = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0";
const GLOBAL = "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0";
const END = ",task=sh,pid=7,uid=0";
const sh = { pid: 7, comm: "sh", cause: "memcg" } as const;
const none = () => false;

describe("the place in a summary", () => {
  test.each([
    [`${BEGIN},oom_memcg=/a,task_memcg=/a/b${END}`, { oomMemcg: "/a", memcg: "/a/b" }],
    [`${BEGIN},oom_memcg=/a,task_memcg=/a${END}`, { oomMemcg: "/a", memcg: "/a" }],
    [`${BEGIN},oom_memcg=/a,task_memcg=/a/b,task=sh,pid=7`, { oomMemcg: "/a", memcg: "/a/b" }],
    [`${GLOBAL},global_oom,task_memcg=/a/b${END}`, { oomMemcg: null, memcg: "/a/b" }],
    [`${GLOBAL},global_oom,task_memcg=/${END}`, { oomMemcg: null, memcg: "/" }],
    [`${BEGIN},oom_memcg=/a, b,task_memcg=/a, b/c=d${END}`, { oomMemcg: "/a, b", memcg: "/a, b/c=d" }],
    [
      `${BEGIN},oom_memcg=/a,task_memcg=/a/,task=sh,pid=7,uid=0${END}`,
      { oomMemcg: "/a", memcg: "/a/,task=sh,pid=7,uid=0" },
    ],
  ])("%s", (summary, expected) => {
    expect(parsePlace(summary, sh, none)).toEqual(expected);
  });

  test.each([
    ["another process", `${BEGIN},oom_memcg=/a,task_memcg=/a,task=sh,pid=8,uid=0`],
    ["another name", `${BEGIN},oom_memcg=/a,task_memcg=/a,task=bash,pid=7,uid=0`],
    ["cut short", `${BEGIN},oom_memcg=/a,task_memcg=/a,task=sh,pi`],
    ["more behind it", `${BEGIN},oom_memcg=/a,task_memcg=/a${END},x=1`],
    ["a victim outside", `${BEGIN},oom_memcg=/a,task_memcg=/ab${END}`],
    ["no paths", `${BEGIN}${END}`],
    ["nothing", ""],
  ])("none: %s", (_, summary) => {
    expect(parsePlace(summary, sh, none)).toBeNull();
  });

  test("a name that looks like more of the line misleads nobody: what is a memcg is known", () => {
    const name = "/a,task_memcg=/a";
    const summary = `${BEGIN},oom_memcg=${name},task_memcg=${name}/x${END}`;
    const real = { oomMemcg: name, memcg: `${name}/x` };
    expect(parsePlace(summary, sh, (path) => path === name || path === `${name}/x`)).toEqual(real);
  });

  test("where a line can be read in two ways, and neither is known, there is no telling", () => {
    const cpuset = "cpuset=x,oom_memcg=/fake,task_memcg=/fake/y";
    const summary = `${BEGIN.replace("cpuset=/", cpuset)},oom_memcg=/a,task_memcg=/a${END}`;
    expect(parsePlace(summary, sh, none)).toBeNull();
  });

  test("a cpuset with such a name misleads nobody either", () => {
    const summary = `${BEGIN.replace("cpuset=/", "cpuset=x,oom_memcg=/fake,task_memcg=/fake")},oom_memcg=/a,task_memcg=/a${END}`;
    expect(parsePlace(summary, sh, (path) => path === "/a")).toEqual({ oomMemcg: "/a", memcg: "/a" });
  });

  test("whatever the names are, a memcg that is there is found, and nothing throws", () => {
    const piece = fc.constantFrom(
      "a",
      ",",
      "/",
      ",task_memcg=",
      ",oom_memcg=",
      ",task=",
      ",pid=7,uid=0",
      "=",
      " ",
      "é",
    );
    const name = fc.array(piece, { minLength: 1 }).map((pieces) => `/${pieces.join("")}`);
    const comm = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(name, name, comm, (oomMemcg, below, task) => {
        const memcg = oomMemcg + below;
        const summary = `${BEGIN},oom_memcg=${oomMemcg},task_memcg=${memcg},task=${task},pid=7,uid=0`;
        const isMemcg = (path: string) => path === oomMemcg || path === memcg;
        const place = parsePlace(summary, { ...sh, comm: task }, isMemcg);
        expect(place).toEqual({ oomMemcg, memcg });
      }),
    );
  });
});
