import { existsSync, renameSync, rmdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findMemoryController } from "../../src/kernel/mounts.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`notifications, true and false (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(60);
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const guard = (what: string, ...more: string[]) => daemon.configure([`oom.guard = ${what}`, ...more]);
  const killDisable = (name: string) => memcgs.oomControl(name, "oom_kill_disable");

  test("one OOM above 300 guarded memcgs is one decision and one kill", async () => {
    memcgs.make(...Array.from({ length: 300 }, (_, index) => `m${index}`));
    guard(`${memcgs.top} ${memcgs.path("*")}`);
    await daemon.start();
    expect((await daemon.status()).armed.length).toBe(301);
    const hog = memcgs.burst("m42");
    await until("the hog dies", () => hog.signalCode === "SIGKILL");
    await daemon.event("relieved");
    await sleep(100);
    const kills = await daemon.eventsOf("kill");
    expect(kills.map(({ memcg, victims }) => [memcg, victims.length])).toEqual([[memcgs.top, 1]]);
    expect((await daemon.eventsOf("oom")).length).toBe(1);
    expect(await replaysToItself(daemon)).toBe(1);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("the removal of a guarded memcg is no OOM, and one of the same name is armed again", async () => {
    memcgs.make("a");
    guard(memcgs.path("*"));
    await daemon.start();
    for (let round = 0; round < 20; round++) {
      rmdirSync(memcgs.directory("a"));
      memcgs.make("a");
    }
    await until("the last one is armed", () => killDisable("a") === 1);
    expect(await daemon.eventsOf("oom")).toEqual([]);
    expect(await daemon.eventsOf("fault")).toEqual([]);
    expect((await daemon.status()).armed.map(({ memcg }) => memcg)).toEqual([memcgs.path("a")]);
    memcgs.limit("a", 20);
    const hog = memcgs.burst("a");
    await until("the hog dies", () => hog.signalCode === "SIGKILL");
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a memcg renamed out of the guard is given back; renamed into it, it is armed, and 0 again at the end", async () => {
    memcgs.make("in-1");
    guard(memcgs.path("in-*"));
    await daemon.start();
    expect(killDisable("in-1")).toBe(1);
    renameSync(memcgs.directory("in-1"), memcgs.directory("out"));
    await until("it is given back", () => killDisable("out") === 0);
    renameSync(memcgs.directory("out"), memcgs.directory("in-2"));
    await until("it is armed", () => killDisable("in-2") === 1);
    renameSync(memcgs.directory("in-2"), memcgs.directory("in-3"));
    await until("it is armed under its third name", async () => {
      return (await daemon.status()).armed.some(({ memcg }) => memcg === memcgs.path("in-3"));
    });
    await until("still", () => killDisable("in-3") === 1);
    await daemon.stop();
    expect(killDisable("in-3")).toBe(0);
  });

  test("what is over before we look kills nobody", async () => {
    memcgs.make("a");
    guard(memcgs.top, "oom.delay_ms = 30000");
    await daemon.start();
    const hog = await memcgs.hold("a", 5);
    daemon.signal("SIGSTOP");
    hog.stdin?.write("80");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    memcgs.limit("", 200);
    await until("it no longer waits", () => memcgs.oomControl("", "under_oom") === 0);
    daemon.signal("SIGCONT");
    await sleep(1_200);
    expect(await daemon.eventsOf("kill")).toEqual([]);
    expect(hog.signalCode).toBeNull();
  });

  test("a limit raised too little only puts the kill off", async () => {
    memcgs.make("a");
    guard(memcgs.top, "oom.delay_ms = 30000");
    await daemon.start();
    daemon.signal("SIGSTOP");
    const hog = memcgs.burst("a");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    memcgs.limit("", 62);
    daemon.signal("SIGCONT");
    await until("the hog dies", () => hog.signalCode === "SIGKILL");
    expect((await daemon.event("kill")).length).toBe(1);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test.skipIf(!existsSync(`${findMemoryController()}/memory.memsw.limit_in_bytes`))(
    "the limit of memory and swap together is one that bites",
    async () => {
      memcgs.make("a");
      memcgs.limit("a", 30);
      memcgs.write("a", "memory.memsw.limit_in_bytes", `${30 * 1024 * 1024}`);
      guard(memcgs.path("a"));
      await daemon.start();
      const hog = memcgs.burst("a");
      await until("the hog dies", () => hog.signalCode === "SIGKILL");
      expect((await daemon.event("kill")).length).toBe(1);
      expect(memcgs.kernelKills()).toBe(0);
    },
  );

  test("somebody lets the kernel's killer loose in mid-OOM: it kills once, and is held off again", async () => {
    memcgs.make("a");
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, "oom.delay_ms = 30000"],
      `processes: [{ match: { memcg: ${memcgs.path("a")} }, badness: never }]`,
    );
    await daemon.start();
    const hog = memcgs.burst("a");
    await daemon.event("no-victim");
    memcgs.write("", "memory.oom_control", "0");
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL");
    await until("it is held off again", () => killDisable("") === 1);
    const [relieved] = await daemon.event("relieved");
    expect(relieved?.kernelKilled).toBe(1);
  });

  test("memcgs that are born armed, and named by the guard, are armed by us and 0 at the end", async () => {
    guard(`${memcgs.top} ${memcgs.path("**")}`);
    await daemon.start();
    memcgs.make("a/b/c");
    await until("all are armed", async () => (await daemon.status()).armed.length === 4);
    await daemon.stop();
    for (const name of ["", "a", "a/b", "a/b/c"]) expect(killDisable(name)).toBe(0);
  });
});
