/** `postActionDelayMs`: nobody else is killed for so long, however soon memory is short again. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isDead, MachineScene } from "../support/machine-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { PolicyScene } from "../support/policy-scene.ts";
import { usePolicy } from "../support/use-policy.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`a memcg whose hog takes at once what the dead leave (${reason ?? "live"})`, () => {
  let scene: PolicyScene;

  beforeEach(() => {
    scene = new PolicyScene();
  });

  afterEach(() => scene.clean());

  /** Three small ones, who die before the hog. */
  async function run(...conf: string[]): Promise<void> {
    for (let count = 0; count < 3; count++) await scene.memcgs.hold("b", 5);
    await scene.guard("{ name: strict-priority, postActionDelayMs: 1500 }", ...conf);
    scene.memcgs.grow("hog");
  }

  test("the next one dies when the pause is over, though the first OOM has long been", async () => {
    await run();
    await scene.victims(2);
    const [first, second] = await scene.daemon.eventsOf("kill");
    expect(Date.parse(second?.time ?? "") - Date.parse(first?.time ?? "")).toBeGreaterThan(1_300);
    const notes = await scene.daemon.eventsOf("note");
    const said = `${scene.memcgs.top}: nobody else is killed for `;
    expect(notes.filter(({ what }) => what.startsWith(said)).length).toBeGreaterThanOrEqual(1);
    expect(await scene.daemon.eventsOf("delay-expired")).toEqual([]);
  });

  test("where the delay ends before, the kernel's killer has its turn", async () => {
    await run("oom.delay_ms = 500");
    await scene.daemon.event("delay-expired");
    expect(await scene.daemon.eventsOf("kill")).toHaveLength(1);
    expect(scene.memcgs.kernelKills()).toBeGreaterThanOrEqual(1);
  });
});

describe.skipIf(reason !== null)(`a machine on which somebody was killed just now (${reason ?? "live"})`, () => {
  let scene: MachineScene;
  afterEach(() => scene.clean());

  async function shortOfMemory(delayMs: number) {
    scene = new MachineScene(["batch"]);
    const batch = await scene.memcgs.hold("batch", 5);
    await scene.start(`memcgs: { ${scene.memcgs.path("batch")}: { badness: 100 } }`, `oom.delay_ms = ${delayMs}`);
    scene.rooms.pauses.begin(scene.tree.root, usePolicy("kernel postActionDelayMs=600000"));
    scene.freedBy(batch);
    scene.has({ availableMib: 30 });
    scene.tick();
    return batch;
  }

  test("waits for the delay of / at most", async () => {
    const start = performance.now();
    const batch = await shortOfMemory(600);
    await once(batch, "exit");
    expect(performance.now() - start).toBeGreaterThan(500);
    await until("it is told", () => scene.eventsOf("kill").length === 1);
    expect(scene.eventsOf("note").map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^\/: nobody else is killed for \d+ ms: postActionDelayMs of policy kernel$/),
    );
  });

  test("does not wait once half of what was to stay is gone", async () => {
    const batch = await shortOfMemory(60_000);
    await sleep(200);
    expect(isDead(batch)).toBe(false);
    scene.has({ availableMib: 19 });
    await once(batch, "exit");
  });
});
