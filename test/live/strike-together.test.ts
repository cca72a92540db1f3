import type { ChildProcess } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemcgTree } from "../../src/hierarchy/tree.ts";
import { close } from "../../src/kernel/libc.ts";
import { takeCensus } from "../../src/kill/census.ts";
import { strikeTogether } from "../../src/kill/together.ts";
import { type TestCgroup, whyNo } from "../support/cage.ts";
import { isKilled, KillAllScene, SLEEP } from "../support/kill-all-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNo("v2");

describe.skipIf(reason !== null)(`killing a v2 cgroup in one stroke (${reason ?? "live"})`, () => {
  let scene: KillAllScene;
  let unified: TestCgroup;
  let inside: ChildProcess[];

  beforeEach(async () => {
    scene = new KillAllScene();
    unified = scene.cgroup("v2");
    inside = [1, 2, 3].map(() => scene.enter([scene.memcgs.directory(), unified.directory], ...SLEEP));
    await until("all are there", () => unified.pids.length === 3);
  });

  afterEach(() => scene.clean());

  const strike = async (protectedPid = -1) => {
    const tree = new MemcgTree(scene.memcgs.mount, false);
    const node = tree.find(scene.memcgs.top);
    if (node === null) throw new Error("expected our own memcg in the tree");
    const sourced = (value: number) => ({ value, source: "" });
    const ranks = {
      memcg: () => ({ badness: sourced(0), kill: { value: "process", source: "" } }) as const,
      process: ({ pid }: { readonly pid: number }) => sourced(pid === protectedPid ? 10_000 : 0),
      isExcluded: () => false,
    };
    const target = { tree, node, ranks, includeProtected: false };
    const struck = await strikeTogether(node.path, () => takeCensus(target));
    for (const { pidfd } of struck) close(pidfd);
    return struck.map(({ task }) => task.pid);
  };

  test("all of it dies, and it is not left frozen", async () => {
    expect((await strike()).sort()).toEqual(inside.map(({ pid }) => pid).sort());
    await until("all are dead", () => inside.every(isKilled));
    expect(unified.read("cgroup.freeze")).toBe("0");
  });

  test.each(["an outsider", "a protected process", "one of ours elsewhere"])("nobody dies where %s is", async (who) => {
    if (who === "an outsider") scene.enter([unified.directory], ...SLEEP);
    if (who === "one of ours elsewhere") scene.enter([scene.memcgs.directory()], ...SLEEP);
    const expected = who === "an outsider" ? 4 : 3;
    await until("they are there", () => unified.pids.length === expected);
    if (who === "one of ours elsewhere") await until("and there", () => scene.pids().length === 4);
    expect(await strike(who === "a protected process" ? inside[0]?.pid : -1)).toEqual([]);
    await sleep(50);
    expect(scene.children.filter(isKilled)).toEqual([]);
    expect(unified.read("cgroup.freeze")).toBe("0");
  });
});
