import { appendFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CountingScene, NONE } from "../support/counting-scene.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { type TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`who died, counted (${reason ?? "live"})`, () => {
  let scene: CountingScene;
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    scene = new CountingScene();
    ({ memcgs, daemon } = scene);
  });

  afterEach(() => scene.clean());

  test("the handler's kills are the deaths that the parent saw, each where it was", async () => {
    memcgs.make("a/x", "b");
    scene.guardTop();
    await daemon.start();
    for (const name of ["a", "a/x", "a/x", "b", "a"]) await scene.dieIn(name);
    await daemon.event("relieved", 5);
    expect(scene.statsOf("a/x")).toMatchObject({ local: 2, hierarchical: 2, oom: 0 });
    expect(scene.statsOf("a")).toMatchObject({ local: 2, hierarchical: 4 });
    expect(scene.statsOf("b")).toMatchObject({ local: 1, hierarchical: 1 });
    expect(scene.statsOf()).toEqual({
      memcg: memcgs.top,
      local: 0,
      hierarchical: 5,
      byCause: { memcg: { handler: 5, kernel: 0 }, system: NONE, user: NONE },
      oom: 5,
      delayExpired: 0,
      noVictim: 0,
    });
    expect(memcgs.kernelKills()).toBe(0);
    expect(await scene.kernelKills()).toEqual([]);
  });

  test("when the delay is over it is the kernel's kill, and told by its name", async () => {
    memcgs.make("a");
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, "oom.delay_ms = 200"],
      `processes: [{ match: { memcg: ${memcgs.path("a")} }, badness: never }]`,
    );
    await daemon.start();
    const pid = await scene.dieIn("a");
    await until("it is told", async () => (await scene.kernelKills()).length > 0);
    const [kill] = await scene.kernelKills();
    expect(kill).toMatchObject({ cause: "memcg", memcg: memcgs.path("a") });
    // Where much is killed, be it by others, the kernel says less.
    expect([memcgs.top, null]).toContain(kill?.oomMemcg);
    expect([pid, null]).toContain(kill?.pid);
    await daemon.event("relieved");
    const byCause = { memcg: { handler: 0, kernel: 1 }, system: NONE, user: NONE };
    expect(scene.statsOf()).toMatchObject({ local: 0, hierarchical: 1, byCause, oom: 1, delayExpired: 1, noVictim: 1 });
    expect(scene.statsOf("a")).toMatchObject({ local: 1, hierarchical: 1, byCause });
  });

  test("kills at the limit of a child that nobody guards are heard of, however many and however fast", async () => {
    memcgs.make("free/inner");
    memcgs.limit("free", 20);
    scene.guardTop();
    await daemon.start();
    const pids = new Set<number>();
    // More than the kernel sums up in five seconds.
    for (let count = 0; count < 14; count++) pids.add(await scene.dieIn(count % 2 === 0 ? "free" : "free/inner"));
    await until("all are told", async () => (await scene.kernelKills()).length >= 14);
    await sleep(1_200);
    const kills = await scene.kernelKills();
    expect(kills).toHaveLength(14);
    const named = kills.flatMap(({ pid }) => pid ?? []);
    expect(new Set(named).size).toBe(named.length);
    for (const pid of named) expect(pids).toContain(pid);
    expect(named.length).toBeGreaterThan(7);
    expect(memcgs.kernelKills()).toBe(14);
    expect(scene.statsOf("free")).toMatchObject({ local: 7, hierarchical: 14 });
    expect(scene.statsOf("free/inner")).toMatchObject({ local: 7, byCause: { memcg: { handler: 0, kernel: 7 } } });
  });

  test("without the kernel's log the counts hold, and that is said once", async () => {
    memcgs.make("free");
    memcgs.limit("free", 20);
    scene.guardTop();
    daemon.wrapper = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /dev/kmsg && exec "$@"', "sh"];
    await daemon.start();
    await scene.dieIn("free");
    await scene.dieIn("free");
    await until("both are told", async () => (await scene.kernelKills()).length === 2);
    expect(await scene.kernelKills()).toMatchObject([
      { memcg: memcgs.path("free"), pid: null, comm: null },
      { pid: null },
    ]);
    expect(scene.statsOf()).toMatchObject({ hierarchical: 2, byCause: { memcg: { handler: 0, kernel: 2 } } });
    expect((await daemon.event("note")).filter(({ what }) => what.includes("/dev/kmsg"))).toHaveLength(1);
  });

  test("what a process writes into the kernel's log is nobody's death", async () => {
    scene.guardTop();
    await daemon.start();
    appendFileSync(
      "/dev/kmsg",
      `<3>oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${memcgs.top},task_memcg=${memcgs.top},task=x,pid=1,uid=0\n`,
    );
    appendFileSync("/dev/kmsg", "<3>Memory cgroup out of memory: Killed process 1 (x) total-vm:1kB, anon-rss:1kB\n");
    memcgs.make("free");
    memcgs.limit("free", 20);
    const pid = await scene.dieIn("free");
    await until("the real one is told", async () => (await scene.kernelKills()).length > 0);
    const kills = await scene.kernelKills();
    expect(kills).toHaveLength(1);
    expect([pid, null]).toContain(kills[0]?.pid);
  });

  test("in a dry run only the kernel kills", async () => {
    memcgs.make("a");
    scene.guardTop("oom.dry_run = 1");
    await daemon.start();
    await scene.dieIn("a");
    await until("it is told", async () => (await scene.kernelKills()).length > 0);
    expect(scene.statsOf()).toMatchObject({ hierarchical: 1, byCause: { memcg: { handler: 0, kernel: 1 } } });
  });
});
