import { renameSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`a memcg that is renamed (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(async () => {
    memcgs = new TestMemcgs();
    memcgs.make("a", "z-a");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.path("a")} ${memcgs.path("z-*")}`]);
    await daemon.start();
  });
  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const isHeldOff = (name: string) => memcgs.oomControl(name, "oom_kill_disable") === 1;

  test("to a name that nobody guards is given back to the kernel's killer", async () => {
    expect(isHeldOff("a")).toBe(true);
    renameSync(memcgs.directory("a"), memcgs.directory("b"));
    await until("it is given back", () => !isHeldOff("b"));
  });

  test("to a name that is guarded stays armed, and is given back at the end", async () => {
    renameSync(memcgs.directory("z-a"), memcgs.directory("z-b"));
    await daemon.event("armed", 3);
    expect(isHeldOff("z-b")).toBe(true);
    await daemon.stop();
    expect(isHeldOff("z-b")).toBe(false);
  });
});
