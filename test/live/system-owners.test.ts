/** On a machine of the test's own, see machine-scene.ts: nobody runs short of memory for these tests. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { isDead, MachineScene } from "../support/machine-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(
  `an owner who has a handler, when the machine is out of memory (${reason ?? "live"})`,
  () => {
    let scene: MachineScene;
    afterEach(() => scene.clean());

    async function oneTenant(): Promise<ChildProcess> {
      scene = new MachineScene(["batch", "web"]);
      return await scene.memcgs.hold("batch", 5);
    }

    const handler = (command: string) =>
      `memcgs: { ${scene.memcgs.path("batch")}: { badness: 100, handler: { command: "${command}" } } }`;

    test("is asked first, and may bring memory back: nobody dies", async () => {
      const batch = await oneTenant();
      const file = `${scene.proc}/meminfo`;
      await scene.start(handler(`sed s/30720/512000/ ${file} >${file}.new && cat ${file}.new >${file}`));
      scene.has({ availableMib: 30 });
      scene.tick();
      await until("it is over", () => scene.eventsOf("relieved").length === 1);
      expect(scene.eventsOf("relief")).toMatchObject([
        { memcg: "/", by: "handler", of: scene.memcgs.path("batch"), gainedBytes: 470 * 2 ** 20, relieved: true },
      ]);
      expect(isDead(batch)).toBe(false);
    });

    test("has no more time once half of what was to stay is gone", async () => {
      const batch = await oneTenant();
      await scene.start(handler("sleep 60"));
      scene.freedBy(batch);
      scene.has({ availableMib: 30 });
      scene.tick();
      await sleep(200);
      expect(isDead(batch)).toBe(false);
      scene.has({ availableMib: 19 });
      await once(batch, "exit");
      await until("it is told", () => scene.eventsOf("kill").length === 1);
      expect(scene.eventsOf("relief")).toMatchObject([{ by: "handler", relieved: false }]);
    });

    test("has the delay of / and no longer", async () => {
      const batch = await oneTenant();
      await scene.start(handler("sleep 60"), "oom.delay_ms = 800");
      scene.freedBy(batch);
      scene.has({ availableMib: 30 });
      scene.tick();
      await once(batch, "exit");
      await until("it is told", () => scene.eventsOf("kill").length === 1);
      const [tried] = scene.eventsOf("relief");
      expect(tried?.outcome).toBe("timed out");
      // Save what is left for the kill.
      expect(tried?.windowMs).toBeLessThanOrEqual(600);
      expect(tried?.windowMs).toBeGreaterThan(300);
    });
  },
);

describe.skipIf(reason !== null)(`others die already (${reason ?? "live"})`, () => {
  test("who was struck in another OOM is waited for before anybody else dies", async () => {
    const scene = new MachineScene(["batch", "web"]);
    const [batch, web] = [await scene.memcgs.hold("batch", 5), await scene.memcgs.hold("web", 20)];
    await scene.start();
    scene.rooms.inFlight.add([{ memcg: scene.memcgs.path("web") }], once(web, "exit"));
    scene.has({ availableMib: 1 });
    scene.tick();
    await sleep(200);
    expect(isDead(batch)).toBe(false);
    scene.freedBy(batch);
    web.kill("SIGKILL");
    await once(batch, "exit");
    await until("it is told", () => scene.eventsOf("kill").length === 1);
    await scene.clean();
  });
});
