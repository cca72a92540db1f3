/** On a machine of the test's own, see machine-scene.ts: nobody runs short of memory for these tests. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { readProcStat } from "../../src/kernel/process.ts";
import { isDead, MachineScene } from "../support/machine-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`the machine is out of memory (${reason ?? "live"})`, () => {
  let scene: MachineScene;
  afterEach(() => scene.clean());

  /** `web` of the higher badness, and the larger; `batch` of the lower one. */
  async function twoTenants(lacks: readonly string[] = []): Promise<[ChildProcess, ChildProcess]> {
    scene = new MachineScene(["batch", "web"], lacks);
    return [await scene.memcgs.hold("batch", 5), await scene.memcgs.hold("web", 20)];
  }
  const policy = () => `memcgs: { ${scene.memcgs.path("batch")}: { badness: 100 } }`;

  test("the lowest badness dies from / down, the rest lives, and it is the system's kill", async () => {
    const [batch, web] = await twoTenants();
    scene.freedBy(batch);
    await scene.start(policy());
    scene.has({ availableMib: 39 });
    scene.tick();
    await once(batch, "exit");
    await until("it is over", () => scene.eventsOf("relieved").length === 1);
    expect(isDead(batch)).toBe(true);
    expect(isDead(web)).toBe(false);
    const memcg = "/";
    expect(scene.eventsOf("oom")).toMatchObject([{ memcg, usageBytes: 961 * 2 ** 20, limitBytes: 1000 * 2 ** 20 }]);
    expect(scene.eventsOf("kill")).toMatchObject([{ memcg, victims: [{ pid: batch.pid }], missed: [] }]);
    expect(scene.eventsOf("decision")[0]?.explanation).toContain("Out of memory: the machine\n");
    expect(scene.eventsOf("relieved")).toMatchObject([{ memcg, usageBytes: 500 * 2 ** 20, kernelKilled: 0 }]);
  });

  test("4 % are enough", async () => {
    const [batch] = await twoTenants();
    await scene.start(policy());
    expect(scene.isWatching).toBe(true);
    scene.has({ availableMib: 40 });
    scene.tick();
    await sleep(200);
    expect(isDead(batch)).toBe(false);
    expect(scene.events.filter(({ type }) => type !== "note")).toEqual([]);
  });

  test.each([
    ["whose badness is lower than any memcg's dies first", 50, true],
    ["whose badness is higher lives", 200, false],
  ])("a process of the root memcg %s", async (_, badness, dies) => {
    const [batch] = await twoTenants();
    const ofRoot = scene.memcgs.spawnInRoot("sleep", "1000");
    await until("it is there", () => readProcStat(ofRoot.pid ?? 0)?.comm === "sleep");
    scene.attachToRoot(ofRoot);
    const victim = dies ? ofRoot : batch;
    scene.freedBy(victim);
    await scene.start(
      `memcgs: { ${scene.memcgs.top}: { badness: 100 } }\nprocesses: [{ match: { comm: sleep }, badness: ${badness} }]`,
    );
    scene.has({ availableMib: 1 });
    scene.tick();
    await once(victim, "exit");
    expect([isDead(ofRoot), isDead(batch)]).toEqual([dies, !dies]);
  });

  test("as long as too little comes back, the next one dies, and in the end it is said that nobody is left", async () => {
    const [batch, web] = await twoTenants();
    await scene.start(policy());
    scene.has({ availableMib: 1 });
    scene.tick();
    await until("nobody is left", () => scene.eventsOf("unreclaimable").length === 1);
    expect([isDead(batch), isDead(web)]).toEqual([true, true]);
    expect(scene.eventsOf("kill").map(({ victims }) => victims[0]?.pid)).toEqual([batch.pid, web.pid]);
    expect(scene.eventsOf("unreclaimable")[0]?.memoryStat).toContain("MemAvailable: 1024 kB");
  });

  describe("swap", () => {
    const SWAP = { availableMib: 1, swapMib: 1000 };

    test("is a way out as long as some of it is free", async () => {
      const [batch] = await twoTenants();
      await scene.start(policy());
      scene.has({ ...SWAP, swapFreeMib: 100 });
      scene.tick();
      await sleep(200);
      expect(isDead(batch)).toBe(false);
      scene.freedBy(batch);
      scene.has({ ...SWAP, swapFreeMib: 99 });
      scene.tick();
      await once(batch, "exit");
      expect(isDead(batch)).toBe(true);
    });

    test("is none when everybody waits for it; what they waited before the kill is no reason for the next one", async () => {
      const [batch, web] = await twoTenants();
      await scene.start(policy());
      scene.has(SWAP);
      scene.stalls(60);
      scene.tick();
      await once(batch, "exit");
      await until("it is over", () => scene.eventsOf("relieved").length === 1);
      scene.tick();
      await sleep(200);
      expect([isDead(batch), isDead(web)]).toEqual([true, false]);
    });
  });

  test("where the kernel does not tell, memory is polled, and that is said", async () => {
    const [batch] = await twoTenants(["memory.pressure_level"]);
    await scene.start(policy());
    scene.freedBy(batch);
    scene.has({ availableMib: 1 });
    await once(batch, "exit");
    expect(isDead(batch)).toBe(true);
    expect(scene.eventsOf("note").map(({ what }) => what)).toEqual([
      "/proc/pressure/memory: ENOENT: swap that is too slow may be noticed late, or never",
      "memory is polled, as the kernel does not tell: memory.pressure_level: ENOENT",
    ]);
  });

  test.each([
    ["a part of a machine", ["release_agent"], [], / is not the root memcg$/],
    ["a mistake in the settings", [], ["oom.system.min_available = 60%"], /60% is more than half of this machine/],
  ])("%s is left to the kernel, and that is said", async (_, lacks, conf, why) => {
    const [batch, web] = await twoTenants(lacks);
    await scene.start(policy(), ...conf);
    expect(scene.isWatching).toBe(false);
    scene.has({ availableMib: 1 });
    scene.tick();
    await sleep(200);
    expect([isDead(batch), isDead(web)]).toEqual([false, false]);
    expect(scene.events.map((event) => (event.type === "note" ? event.what : event.type))).toEqual([
      expect.stringMatching(why),
    ]);
  });

  test("a dry run says once who would die, and nobody does", async () => {
    const [batch, web] = await twoTenants();
    await scene.start(policy(), "oom.dry_run = 1");
    scene.has({ availableMib: 1 });
    for (let tick = 0; tick < 3; tick++) scene.tick();
    await until("it is said", () => scene.eventsOf("kill").length === 1);
    await sleep(200);
    expect(scene.eventsOf("kill")).toMatchObject([{ memcg: "/", dryRun: true, victims: [{ pid: batch.pid }] }]);
    expect([isDead(batch), isDead(web)]).toEqual([false, false]);
  });

  test.each([["oom.enabled = 0"], ["oom.system.enabled = 0"], ["oom.system.min_available = 1M"]])(
    "a reload counts at once: %s",
    async (line) => {
      const [batch] = await twoTenants();
      await scene.start(policy(), line);
      scene.has({ availableMib: 1 });
      scene.tick();
      await sleep(200);
      expect(isDead(batch)).toBe(false);
      scene.freedBy(batch);
      scene.configure();
      await once(batch, "exit");
      await until("it is over", () => scene.eventsOf("relieved").length === 1);
      scene.configure(line);
      scene.has({ availableMib: 1 });
      scene.tick();
      await sleep(200);
      expect(scene.eventsOf("kill").length).toBe(1);
    },
  );
});
