import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Task } from "../../src/hierarchy/types.ts";
import { type Parts, project } from "../../src/hold/project.ts";
import { readCapabilities, writeOomScoreAdj } from "../../src/kernel/process.ts";

const MIB = 2 ** 20;
const mayLower = readCapabilities().has("CAP_SYS_RESOURCE");

describe("what the kernel's killer is told through oom_score_adj", () => {
  let children: ChildProcess[] = [];

  beforeEach(() => {
    children = [0, 1, 2, 3].map(() => spawn("sleep", ["100"], { stdio: "ignore" }));
    for (const { pid = 0 } of children) writeOomScoreAdj(pid, 0);
  });
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  const task = (at: number, rssMib = 0) => ({ pid: children[at]?.pid ?? 0, rssBytes: rssMib * MIB }) as Task;
  const adjs = () => children.map(({ pid }) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8")));

  /** What is there meanwhile; afterwards all is as it was. */
  function told(parts: Partial<Parts>): number[] {
    const before = adjs();
    const projection = project({ first: [], others: [], spared: [], limitBytes: 100 * MIB, ...parts });
    const meanwhile = adjs();
    projection.undo();
    expect(adjs()).toEqual(before);
    return meanwhile;
  }

  test("the first is up, the others are down, and nobody has to be raised where nobody is protected", () => {
    writeOomScoreAdj(task(1).pid, 300);
    expect(told({ first: [task(0)], others: [task(1), task(2)] })).toEqual([1000, 0, 0, 0]);
    expect(told({ others: [task(1), task(2)] })).toEqual([0, 300, 0, 0]);
  });

  test("who is protected is below everybody else, by size where nobody is first", () => {
    writeOomScoreAdj(task(0).pid, 300);
    const meanwhile = told({ others: [task(1, 80), task(2)], spared: [task(0)] });
    expect(meanwhile).toEqual(mayLower ? [-1000, 0, 0, 0] : [0, 1000, 1000, 0]);
  });

  test("and below the first, and then all the others alike, however large", () => {
    const meanwhile = told({ first: [task(1)], others: [task(2, 20), task(3, 99)], spared: [task(0)] });
    expect(meanwhile).toEqual(mayLower ? [-1000, 1000, 0, 0] : [0, 1000, 750, 0]);
  });

  test("who is gone is nobody", () => {
    const gone = { pid: 2 ** 22 + 1, rssBytes: 0 } as Task;
    expect(told({ others: [gone, task(1)], spared: [gone] })).toEqual([0, 0, 0, 0]);
  });
});
