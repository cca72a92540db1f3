import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countDeaths, forksOf, whyNo } from "../support/cage.ts";
import { isKilled, KillAllScene, noBombs, SLEEP } from "../support/kill-all-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`kill-all empties a memcg (${reason ?? "live"})`, () => {
  let scene: KillAllScene;

  beforeEach(() => {
    scene = new KillAllScene();
  });

  afterEach(() => scene.clean());

  test("every process of the subtree dies and is counted once, and nobody beside it", async () => {
    scene.memcgs.make("a/b/c", "beside");
    const sentinel = scene.enter([scene.memcgs.directory("beside")], ...SLEEP);
    const crowd = ["a", "a/b", "a/b/c", "a/b/c"].map((name) => countDeaths([scene.memcgs.directory(name)], SLEEP));
    await until(
      "all are there",
      () => scene.pids("a").length + scene.pids("a/b").length + scene.pids("a/b/c").length === 4,
    );
    expect(await scene.killAll(scene.memcgs.path("a"))).toMatchObject({
      code: 0,
      report: { killed: 4, left: 0, spared: 0 },
    });
    expect(await Promise.all(crowd)).toEqual(Array(4).fill({ killed: 1, exited: 0 }));
    expect(sentinel.signalCode).toBeNull();
    expect(await scene.killAll(scene.memcgs.path("a"))).toMatchObject({ code: 0, report: { killed: 0, left: 0 } });
  });

  test.skipIf(noBombs)("a fork bomb: its forks are shut off, all die, and the limit is as it was", async () => {
    const pidsCgroup = scene.cage(true);
    const deaths = countDeaths([scene.memcgs.directory(), pidsCgroup.directory], forksOf("bomb"));
    await until("the cage is full", () => scene.pids().length > 90);
    const { code, report } = await scene.killAll(scene.memcgs.top);
    expect({ code, left: report.left }).toEqual({ code: 0, left: 0 });
    expect(pidsCgroup.read("pids.max")).toBe("100");
    expect((await deaths).killed).toBe(report.killed);
    expect(report.killed).toBeGreaterThanOrEqual(90);
  });

  test.skipIf(noBombs)("a fork bomb whose forks cannot be shut off", async () => {
    const deaths = countDeaths([scene.memcgs.directory(), scene.cage(false).directory], forksOf("bomb"));
    await until("the cage is full", () => scene.pids().length > 90);
    const { code, report } = await scene.killAll(scene.memcgs.top);
    expect({ code, left: report.left }).toEqual({ code: 0, left: 0 });
    expect((await deaths).killed).toBe(report.killed);
  });

  test.skipIf(noBombs || whyNo("v2") !== null)("a fork bomb in a v2 cgroup of its own", async () => {
    const unified = scene.cgroup("v2");
    const directories = [scene.memcgs.directory(), scene.cage(false).directory, unified.directory];
    const deaths = countDeaths(directories, forksOf("bomb"));
    await until("the cage is full", () => scene.pids().length > 90);
    const { code, report } = await scene.killAll(scene.memcgs.top);
    expect({ code, left: report.left }).toEqual({ code: 0, left: 0 });
    expect((await deaths).killed).toBe(report.killed);
    expect(unified.read("cgroup.freeze")).toBe("0");
  });

  test.skipIf(noBombs).each([true, false])("a chain of forks, shut off: %s", async (isSamePath) => {
    const pidsCgroup = scene.cage(isSamePath);
    const deaths = countDeaths([scene.memcgs.directory(), pidsCgroup.directory], forksOf("chain"));
    await until("it runs", () => scene.pids().length > 0);
    const { code, report } = await scene.killAll(scene.memcgs.top);
    expect({ code, left: report.left }).toEqual({ code: 0, left: 0 });
    expect((await deaths).killed).toBe(report.killed);
  });

  test("somebody outside who keeps attaching: those who come in time die, and the count is true", async () => {
    let attached = 0;
    const attach = () => {
      const child = scene.enter([], ...SLEEP);
      writeFileSync(`${scene.memcgs.directory()}/cgroup.procs`, `${child.pid}`);
      attached += 1;
    };
    for (let count = 0; count < 5; count++) attach();
    const timer = setInterval(attach, 10);
    const result = scene.killAll(scene.memcgs.top);
    await until("some came meanwhile", () => attached > 30);
    clearInterval(timer);
    const { code, report } = await result;
    await until("the dead are buried", () => scene.children.filter(isKilled).length === report.killed);
    expect({ code, left: report.left }).toEqual({ code: 0, left: 0 });
    expect(report.killed).toBeGreaterThanOrEqual(5);
  });

  test("it ends in time when they never stop coming, and says how many are left", async () => {
    const timer = setInterval(() => {
      const child = scene.enter([], ...SLEEP);
      writeFileSync(`${scene.memcgs.directory()}/cgroup.procs`, `${child.pid}`);
    }, 3);
    const { code, report } = await scene.killAll(scene.memcgs.top, ["--timeout", "300"]);
    clearInterval(timer);
    expect(code).toBe(report.left > 0 ? 1 : 0);
    expect(report.tookMs).toBeLessThan(1_500);
    expect(report.killed).toBeGreaterThan(0);
  });
});
