import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`short of everything (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs();
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const isHeldOff = (name: string) => memcgs.oomControl(name, "oom_kill_disable") === 1;
  const descriptorsOf = (pid: number | undefined) => readdirSync(`/proc/${pid}/fd`).length;

  async function burstDies(name: string): Promise<void> {
    const hog = memcgs.burst(name);
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
  }

  test("too few descriptors: what is armed is handled, the rest is left to the kernel, and that is said", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `m${index}`);
    memcgs.make(...names);
    for (const name of names) memcgs.limit(name, 20);
    daemon.wrapper = ["prlimit", "--nofile=200:200"];
    daemon.configure([`oom.guard = ${memcgs.path("*")}`]);
    await daemon.start();
    const armed = names.filter(isHeldOff);
    const left = names.filter((name) => !isHeldOff(name));
    expect((await daemon.status()).armed.length).toBe(armed.length);
    expect(armed.length).toBeGreaterThan(50);
    const faults = await daemon.eventsOf("fault");
    expect(faults.filter(({ what }) => what.includes("left to the kernel")).length).toBe(left.length);
    for (const name of armed.slice(-3)) {
      await burstDies(name);
      expect(memcgs.kernelKills(name)).toBe(0);
    }
    for (const name of left.slice(-3)) {
      await burstDies(name);
      expect(memcgs.kernelKills(name)).toBe(1);
    }
    expect(await daemon.stop()).toBe(0);
    expect(names.filter(isHeldOff)).toEqual([]);
  });

  test("a group of more processes than there are descriptors dies whole", async () => {
    memcgs.make("group", "other");
    memcgs.limit("", 150);
    daemon.wrapper = ["prlimit", "--nofile=150:150"];
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs: { ${memcgs.path("group")}: { badness: 1, kill: group } }`);
    await daemon.start();
    const members = Array.from({ length: 250 }, () => memcgs.spawn("group", "sleep", "1000"));
    const procs = `${memcgs.directory("group")}/cgroup.procs`;
    await until("all are in", () => readFileSync(procs, "utf8").split("\n").length > members.length);
    memcgs.burst("other");
    await until("the group is dead", () => members.every(({ signalCode }) => signalCode === "SIGKILL"));
    const kills = await daemon.event("kill");
    expect(kills[0]?.victims.length).toBe(members.length);
    expect(kills[0]?.missed).toEqual([]);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("one descriptor a memcg, in handler and failsafe, and none is left of OOMs and of memcgs that are gone", async () => {
    memcgs.make(...Array.from({ length: 100 }, (_, index) => `m${index}`));
    memcgs.limit("m0", 20);
    daemon.configure([`oom.guard = ${memcgs.path("**")}`]);
    await daemon.start();
    const { pid, failsafePid } = await daemon.status();
    await burstDies("m0");
    const before = [descriptorsOf(pid), descriptorsOf(failsafePid)];
    // 32 beside them, and three of these are for the machine's memory, which no test watches.
    expect(Math.max(...before)).toBeLessThanOrEqual(100 + 32 - 3);
    for (let round = 0; round < 10; round++) {
      await burstDies("m0");
      const names = Array.from({ length: 50 }, (_, index) => `m1/churn-${index}`);
      memcgs.make(...names);
      if (round % 2 === 0) await until("they are armed", async () => (await daemon.status()).armed.length === 150);
      for (const name of names) rmdirSync(memcgs.directory(name));
    }
    await until("all are forgotten", async () => (await daemon.status()).armed.length === 100);
    await until("no descriptor is left over", () => {
      return descriptorsOf(pid) <= (before[0] ?? 0) && descriptorsOf(failsafePid) <= (before[1] ?? 0);
    });
  });

  test("while nothing happens, nothing is done", async () => {
    memcgs.make(...Array.from({ length: 50 }, (_, index) => `m${index}`));
    daemon.configure([`oom.guard = ${memcgs.path("*")}`]);
    await daemon.start();
    const { pid, failsafePid } = await daemon.status();
    const ticks = () => ticksOf(pid) + ticksOf(failsafePid);
    // What starting left to be done is done within seconds, and others who want the processor make every tick dearer.
    await until("two quiet seconds", async () => {
      const before = ticks();
      await sleep(2_000);
      return ticks() - before <= 4;
    });
  });
});

/** Processor time of a process, in ticks of 10 ms. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
