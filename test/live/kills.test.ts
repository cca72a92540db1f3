import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCapabilities } from "../../src/kernel/process.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`a real OOM (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(120);
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const guardTop = (policy = "", ...more: string[]) => daemon.configure([`oom.guard = ${memcgs.top}`, ...more], policy);

  test("the lowest badness dies, though another is larger and still growing", async () => {
    memcgs.make("low", "high");
    guardTop(`memcgs: { ${memcgs.path("low")}: { badness: 100 } }`);
    await daemon.start();
    const small = await memcgs.hold("low", 10);
    memcgs.grow("high");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([small.pid]);
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("at equal badness the larger dies", async () => {
    memcgs.make("a", "b", "c");
    guardTop();
    await daemon.start();
    await memcgs.hold("a", 5);
    await memcgs.hold("b", 10);
    const hog = memcgs.grow("c");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    await daemon.event("relieved");
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a process of the inner memcg stands beside the child memcgs", async () => {
    memcgs.make("a");
    guardTop(`memcgs: { ${memcgs.path("a")}: { badness: 6000 } }`);
    await daemon.start();
    const inner = await memcgs.hold("", 5);
    memcgs.grow("a");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([inner.pid]);
    await replaysToItself(daemon);
  });

  test("a group dies whole, and a protected memcg is spared", async () => {
    memcgs.make("batch/x", "db", "web");
    guardTop(
      `memcgs:
        ${memcgs.path("batch")}: { badness: 100, kill: group }
        ${memcgs.path("db")}: { badness: never }`,
    );
    await daemon.start();
    const first = await memcgs.hold("batch", 5);
    const second = await memcgs.hold("batch/x", 5);
    const database = await memcgs.hold("db", 5);
    memcgs.grow("web");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid).sort()).toEqual([first.pid, second.pid].sort());
    await until("the whole group is dead", () => first.signalCode === "SIGKILL" && second.signalCode === "SIGKILL");
    expect(database.signalCode).toBeNull();
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a memcg that appears later is armed, and a child that nobody guards is not left armed", async () => {
    daemon.configure([`oom.guard = ${memcgs.path("late-*")}`]);
    await daemon.start();
    memcgs.make("late-1");
    await until("the newcomer is armed", () => memcgs.oomControl("late-1", "oom_kill_disable") === 1);
    memcgs.make("late-1/child");
    await until("its child is not", () => memcgs.oomControl("late-1/child", "oom_kill_disable") === 0);
    memcgs.limit("late-1", 60);
    const hog = memcgs.grow("late-1/child");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
  });

  test("an OOM of a parent whose notification is lost is found", async () => {
    memcgs.make("child", "other");
    memcgs.limit("child", 60);
    // Nobody in the child may be killed, so its OOM goes on and swallows the signal of the parent's.
    daemon.configure(
      [`oom.guard = ${memcgs.top} ${memcgs.path("child")}`],
      `memcgs: { ${memcgs.path("child")}: { badness: never } }
processes: [{ match: { memcg: ${memcgs.path("child")} }, badness: never }]`,
    );
    await daemon.start();
    memcgs.grow("child");
    await daemon.event("no-victim");
    const hog = memcgs.grow("other");
    const kills = await daemon.event("kill");
    expect(kills[0]?.memcg).toBe(memcgs.top);
    expect(kills[0]?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("an OOM of a parent, again and again, does not put off the end of the child's delay", async () => {
    memcgs.make("child", "other");
    memcgs.limit("child", 40);
    const child = memcgs.path("child");
    daemon.configure(
      [`oom.guard = ${memcgs.top} ${child}`, "oom.delay_ms = 2000"],
      `memcgs: { ${child}: { badness: never } }
processes: [{ match: { memcg: ${child} }, badness: never }]`,
    );
    await daemon.start();
    memcgs.grow("child");
    const [noVictim] = await daemon.event("no-victim");
    const isOver = async () => (await daemon.eventsOf("delay-expired")).length > 0;
    while (!(await isOver())) {
      const hog = memcgs.burst("other");
      await until("the hog is dead, or the delay over", async () => hog.signalCode !== null || (await isOver()));
    }
    const [expired] = await daemon.eventsOf("delay-expired");
    expect(expired?.memcg).toBe(child);
    expect(Date.parse(`${expired?.time}`) - Date.parse(`${noVictim?.time}`)).toBeLessThan(3_500);
    const ooms = (await daemon.eventsOf("oom")).map(({ memcg }) => memcg);
    expect(ooms.filter((memcg) => memcg === child)).toEqual([child]);
    expect(ooms.filter((memcg) => memcg === memcgs.top).length).toBeGreaterThan(1);
  });

  test("when the delay is over the kernel kills, and its killer is held off again", async () => {
    memcgs.make("a");
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, "oom.delay_ms = 300"],
      `processes: [{ match: { memcg: ${memcgs.path("a")} }, badness: never }]`,
    );
    await daemon.start();
    memcgs.grow("a");
    const [expired] = await daemon.event("delay-expired");
    // Where we may, what is protected is out of the reach of the kernel's killer too.
    const expected = readCapabilities().has("CAP_SYS_RESOURCE") ? 0 : 1;
    expect(expired?.kernelKilled).toBe(expected);
    expect(memcgs.kernelKills()).toBe(expected);
    await until("it is armed again", () => memcgs.oomControl("", "oom_kill_disable") === 1);
  });

  test("an OOM that is in progress at the start is handled at once", async () => {
    memcgs.make("a");
    guardTop();
    memcgs.write("", "memory.oom_control", "1");
    const hog = memcgs.grow("a");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    await daemon.start();
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    await daemon.stop();
    expect(memcgs.oomControl("", "oom_kill_disable")).toBe(1);
  });

  test("a dry run kills nobody, and says whom it would have killed", async () => {
    memcgs.make("low", "high");
    guardTop(`memcgs: { ${memcgs.path("low")}: { badness: 100 } }`, "oom.dry_run = 1");
    await daemon.start();
    expect(memcgs.oomControl("", "oom_kill_disable")).toBe(0);
    const small = await memcgs.hold("low", 10);
    const hog = memcgs.grow("high");
    const [kill] = await daemon.event("kill");
    expect(kill).toMatchObject({ dryRun: true, victims: [{ pid: small.pid }] });
    await until("the kernel has killed the larger", () => hog.signalCode === "SIGKILL");
    expect(small.signalCode).toBeNull();
    // Once a second it looks whether somebody else has written 0; here nobody has written anything.
    await sleep(1_200);
    expect(await daemon.eventsOf("fault")).toEqual([]);
  });
});
