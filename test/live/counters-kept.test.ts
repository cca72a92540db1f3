import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tellKilled } from "../../src/cli/tell-killed.ts";
import type { MemcgCounters } from "../../src/report/counters.ts";
import type { UserVictim } from "../../src/report/events.ts";
import { CountingScene, NONE } from "../support/counting-scene.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { type TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`counters that last (${reason ?? "live"})`, () => {
  let scene: CountingScene;
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    scene = new CountingScene();
    ({ memcgs, daemon } = scene);
  });

  afterEach(() => scene.clean());

  test("a restart keeps them, without a daemon they are read from the file", async () => {
    memcgs.make("a", "gone");
    scene.guardTop();
    await daemon.start();
    await scene.dieIn("a");
    await scene.dieIn("gone");
    await daemon.event("relieved", 2);
    const before = scene.statsOf("a");
    const top = scene.statsOf();
    await daemon.stop();
    expect(scene.statsOf("a")).toEqual(before);
    expect(scene.statsOf()).toEqual(top);
    await memcgs.remove("gone");
    memcgs.make("gone");
    await daemon.start();
    expect(scene.statsOf("a")).toEqual(before);
    expect(scene.statsOf()).toEqual(top);
    expect(scene.statsOf("gone")).toMatchObject({ local: 0, hierarchical: 0 });
    await scene.dieIn("a");
    await daemon.event("relieved");
    expect(scene.statsOf("a")).toMatchObject({ local: 2, hierarchical: 2 });
    await memcgs.remove("a");
    await until("it is gone", () => daemon.ctl("stats", memcgs.path("a")).code === 1);
    expect(scene.statsOf()).toMatchObject({ local: 0, hierarchical: 3 });
  });

  test("whom the kernel kills after the handler was killed is counted by the next one", async () => {
    memcgs.make("a");
    scene.guardTop();
    await daemon.start();
    await scene.dieIn("a");
    await daemon.event("relieved");
    // The file is written once a second at the most: what a killed handler has not written is lost.
    await sleep(1_200);
    daemon.signal("SIGKILL");
    await until("the kernel's killer is back", () => memcgs.oomControl("", "oom_kill_disable") === 0);
    await scene.dieIn("a");
    await scene.dieIn("a");
    await daemon.start();
    await until("they are told", async () => (await scene.kernelKills()).length === 2);
    const byCause = { memcg: { handler: 1, kernel: 2 } };
    expect(scene.statsOf("a")).toMatchObject({ local: 3, hierarchical: 3, byCause });
    expect(memcgs.kernelKills()).toBe(2);
  });

  test("a broken file is set aside, and that is said", async () => {
    scene.guardTop();
    await daemon.start();
    await daemon.stop();
    const file = `${daemon.runtimeDir}/counters.json`;
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1 });
    writeFileSync(file, '{"version":1,"memcgs":[{"memcg":"/a","local":-1}]}');
    await daemon.start();
    const faults = (await daemon.event("fault")).map(({ what }) => what).filter((what) => what.includes("counters"));
    expect(faults).toEqual([expect.stringMatching(/counters\.json\.broken; counting from 0/)]);
    expect(readFileSync(`${file}.broken`, "utf8")).toMatch(/-1/);
    expect(scene.statsOf()).toMatchObject({ local: 0, hierarchical: 0 });
  });

  test("what kill-all has killed is counted as asked for, each process once", async () => {
    memcgs.make("a");
    scene.guardTop();
    await daemon.start();
    const victim = (pid: number, name: string) => ({ pid, startTime: 1, memcg: memcgs.path(name) });
    const tell = (victims: readonly UserVictim[]) => tellKilled(daemon.runtimeDir, memcgs.top, victims);
    expect(await tell([victim(101, "a"), victim(102, "a"), victim(103, "")])).toBeNull();
    expect(await tell([victim(103, "")])).toBeNull();
    const byCause = { memcg: NONE, system: NONE, user: { handler: 3, kernel: 0 } };
    expect(scene.statsOf()).toMatchObject({ local: 1, hierarchical: 3, byCause });
    expect(scene.statsOf("a")).toMatchObject({ local: 2, hierarchical: 2 });
    expect(await tell([{ pid: 1, startTime: 1, memcg: "/" }])).toMatch(/is not in/);
    expect(await tell([{ pid: -1, startTime: 1, memcg: memcgs.top }])).toMatch(/expected pid/);
    await daemon.event("user-kill", 2);
    const many = Array.from({ length: 5_000 }, (_, index) => victim(1_000 + index, "a"));
    expect(await tell(many)).toBeNull();
    expect(scene.statsOf("a")).toMatchObject({ local: 5_002 });
    await daemon.stop();
    expect(await tell(many)).toBeNull();
  });

  test("kill-all has its dead counted", async () => {
    memcgs.make("a/b");
    scene.guardTop();
    await daemon.start();
    for (const name of ["a", "a/b", "a/b"]) await memcgs.hold(name, 1);
    expect(daemon.ctl("kill-all", memcgs.path("a")).code).toBe(0);
    const byCause = { memcg: NONE, system: NONE, user: { handler: 3, kernel: 0 } };
    expect(scene.statsOf("a")).toMatchObject({ local: 1, hierarchical: 3, byCause });
    expect(scene.statsOf("a/b")).toMatchObject({ local: 2 });
    const [told] = await daemon.event("user-kill");
    expect(told).toMatchObject({ memcg: memcgs.path("a"), uid: 0 });
  });

  test("all of them, as a table and as lines", async () => {
    memcgs.make("a");
    scene.guardTop();
    await daemon.start();
    await scene.dieIn("a");
    await daemon.event("relieved");
    const lines = daemon.ctl("stats", "--json").stdout.split("\n").filter(Boolean);
    const memcgNames = lines.map((line) => (JSON.parse(line) as MemcgCounters).memcg);
    expect(memcgNames).toEqual(["/", memcgs.top, memcgs.path("a")]);
    expect(daemon.ctl("stats").stdout).toMatch(
      new RegExp(`^${memcgs.path("a")} +1 +1 +1\\+0 +0\\+0 +0\\+0 +0 +0 +0$`, "m"),
    );
    expect(daemon.ctl("stats", "/no/such").code).toBe(1);
  });
});
