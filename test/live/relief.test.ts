import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const MIB = 2 ** 20;
const LIMIT_MIB = 150;

describe.skipIf(reason !== null)(`memory that badnessd itself brings back (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let elsewhere: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(LIMIT_MIB);
    memcgs.make("web", "other");
    elsewhere = new TestMemcgs();
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
    await elsewhere.clean();
  });

  const limitMib = () => Number(memcgs.read("", "memory.limit_in_bytes")) / MIB;
  const isOver = () => memcgs.oomControl("", "under_oom") === 0;

  async function startWith(...conf: string[]): Promise<void> {
    daemon.configure([`oom.guard = ${memcgs.top} ${memcgs.path("*")}`, ...conf]);
    await daemon.start();
  }

  /** Runs out of memory, and is over it without anybody having died. */
  async function lives(hog: ChildProcess): Promise<void> {
    await daemon.event("relieved");
    await until("nobody waits", isOver);
    expect(await daemon.eventsOf("kill")).toEqual([]);
    expect(memcgs.kernelKills()).toBe(0);
    expect(hog.signalCode).toBeNull();
  }

  test("reclaim brings back cache that was locked when memory ran out", async () => {
    await startWith("oom.relief = reclaim");
    const locker = await memcgs.odd("other", "locked", 60);
    // Its own next page must not wait for the memory that it is to give back.
    elsewhere.write("", "cgroup.procs", `${locker.pid}`);
    const hog = await memcgs.hold("web", 5);
    daemon.signal("SIGSTOP");
    memcgs.overfill(hog, 20);
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    locker.stdin?.write("now\n");
    await new Promise((resolve) => locker.stdout?.once("data", resolve));
    await sleep(50);
    expect(isOver()).toBe(false);
    daemon.signal("SIGCONT");
    await lives(hog);
    const [relief] = await daemon.eventsOf("relief");
    expect(relief).toMatchObject({ memcg: memcgs.top, by: "reclaim", of: memcgs.top, relieved: true });
    expect(relief?.gainedBytes).toBeGreaterThan(0);
  });

  test("reclaim in vain costs little, is said in the explanation, and somebody dies", async () => {
    await startWith("oom.relief = reclaim");
    const hog = await memcgs.hold("web", 5);
    memcgs.overfill(hog, 20);
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    const [relief] = await daemon.event("relief");
    expect(relief?.relieved).toBe(false);
    expect(relief?.tookMs).toBeLessThan(1_000);
    const [decision] = await daemon.event("decision");
    expect(decision?.explanation).toMatch(/^Tried before:\n {2}reclaim: .*; still out of memory$/m);
    expect(daemon.stderr).toMatch(new RegExp(`^${memcgs.top}: reclaim: `, "m"));
  });

  test("lend raises the limit, and takes it back as soon as that will do", async () => {
    await startWith("oom.relief = reclaim lend:64M");
    const hog = await memcgs.hold("web", 5);
    memcgs.overfill(hog, 20);
    await lives(hog);
    expect((await daemon.eventsOf("relief")).map(({ by, outcome }) => [by, outcome])).toEqual([
      ["reclaim", expect.any(String)],
      ["lend", "done"],
    ]);
    expect(limitMib()).toBe(LIMIT_MIB + 64);
    expect(JSON.parse(readFileSync(`${daemon.runtimeDir}/lent.json`, "utf8")).loans).toMatchObject([
      { memcg: memcgs.top, bytes: 64 * MIB },
    ]);
    // It uses more than it had.
    await sleep(1_500);
    expect(limitMib()).toBe(LIMIT_MIB + 64);
    hog.kill("SIGKILL");
    const [returned] = await daemon.event("loan-returned");
    expect(returned).toMatchObject({ memcg: memcgs.top, bytes: 64 * MIB });
    expect(limitMib()).toBe(LIMIT_MIB);
    await until("it is off the record", () => !existsSync(`${daemon.runtimeDir}/lent.json`));
  });

  test("what is lent is not lent again: somebody dies, and then it goes back", async () => {
    await startWith("oom.relief = lend:30M", "oom.delay_ms = 1000");
    const hog = memcgs.grow("web");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    await daemon.event("loan-returned");
    expect(limitMib()).toBe(LIMIT_MIB);
    expect((await daemon.eventsOf("relief"))[0]).toMatchObject({ by: "lend", gainedBytes: 30 * MIB });
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("cache does not keep what is lent: it is reclaimed", async () => {
    await startWith("oom.relief = lend:64M");
    const hog = await memcgs.hold("web", 5);
    memcgs.overfill(hog, 5);
    await lives(hog);
    const file = `/var/tmp${memcgs.top}`;
    try {
      // More than there is room for below either limit, while the one is raised.
      hog.kill("SIGKILL");
      const writer = memcgs.spawn("other", "dd", "if=/dev/zero", `of=${file}`, "bs=1M", `count=${LIMIT_MIB + 100}`);
      await until("it is written", () => writer.exitCode !== null);
      await daemon.event("loan-returned");
      expect(limitMib()).toBe(LIMIT_MIB);
      expect(memcgs.kernelKills()).toBe(0);
    } finally {
      rmSync(file, { force: true });
    }
  });

  test("nothing is lent where the machine has no memory to spare", async () => {
    await startWith("oom.relief = lend:64M", "oom.system.min_available = 99%");
    const hog = await memcgs.hold("web", 5);
    memcgs.overfill(hog, 20);
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    const [relief] = await daemon.event("relief");
    expect(relief).toMatchObject({ by: "lend", outcome: "pass", detail: "there is no memory to spare" });
    expect(limitMib()).toBe(LIMIT_MIB);
  });

  test("no more is lent than the limits above have room for; under another name it still goes back", async () => {
    memcgs.limit("web", LIMIT_MIB - 50);
    await startWith("oom.relief = lend:64M");
    const hog = await memcgs.hold("web", 5);
    const room = () =>
      Number(memcgs.read("web", "memory.limit_in_bytes")) - Number(memcgs.read("web", "memory.usage_in_bytes"));
    hog.stdin?.write(`${Math.ceil(room() / MIB) + 10}\n`);
    await lives(hog);
    const [relief] = await daemon.eventsOf("relief");
    expect(relief).toMatchObject({ by: "lend", of: memcgs.path("web"), outcome: "done" });
    expect(relief?.gainedBytes).toBeGreaterThan(30 * MIB);
    expect(relief?.gainedBytes).toBeLessThanOrEqual(50 * MIB);
    renameSync(memcgs.directory("web"), memcgs.directory("renamed"));
    hog.kill("SIGKILL");
    const [returned] = await daemon.event("loan-returned");
    expect(returned?.memcg).toBe(memcgs.path("renamed"));
    expect(Number(memcgs.read("renamed", "memory.limit_in_bytes"))).toBe((LIMIT_MIB - 50) * MIB);
  });

  describe("what is lent outlives nobody", () => {
    let hog: ChildProcess;
    beforeEach(async () => {
      await startWith("oom.relief = lend:64M");
      hog = await memcgs.hold("web", 5);
      memcgs.overfill(hog, 20);
      await lives(hog);
    });

    test("a stop while it is in use, and the next start", async () => {
      expect(await daemon.stop()).toBe(0);
      expect(limitMib()).toBe(LIMIT_MIB + 64);
      expect(daemon.stderr).toContain("what it was lent cannot be taken back yet: EBUSY");
      expect(daemon.ctl("restore")).toMatchObject({ code: 1, stderr: expect.stringContaining(`${memcgs.top}: EBUSY`) });
      await daemon.start();
      hog.kill("SIGKILL");
      await daemon.event("loan-returned");
      expect(limitMib()).toBe(LIMIT_MIB);
    });

    const hogIsGone = async () => {
      hog.kill("SIGKILL");
      await until("it is gone", () => Number(memcgs.read("", "memory.usage_in_bytes")) < LIMIT_MIB * MIB);
    };

    test("a stop once it is not", async () => {
      await hogIsGone();
      expect(await daemon.stop()).toBe(0);
      expect(limitMib()).toBe(LIMIT_MIB);
    });

    test("SIGKILL while it is in use, and the next start, which allows no lending", async () => {
      daemon.signal("SIGKILL");
      await until("it is gone", () => daemon.hasEnded);
      daemon.configure([`oom.guard = ${memcgs.top}`]);
      await daemon.start();
      hog.kill("SIGKILL");
      await daemon.event("loan-returned");
      expect(limitMib()).toBe(LIMIT_MIB);
    });

    test("SIGKILL once it is not: the failsafe takes it back", async () => {
      daemon.signal("SIGSTOP");
      await hogIsGone();
      daemon.signal("SIGKILL");
      await until("it is as it was", () => limitMib() === LIMIT_MIB, 2_000);
    });

    test("both killed: restore takes it back", async () => {
      const { failsafePid } = await daemon.status();
      process.kill(failsafePid, "SIGSTOP");
      daemon.signal("SIGKILL");
      process.kill(failsafePid, "SIGKILL");
      await until("it is gone", () => daemon.hasEnded);
      await hogIsGone();
      expect(daemon.ctl("restore").stdout).toContain(`${memcgs.top}: 64 MiB taken back\n`);
      expect(limitMib()).toBe(LIMIT_MIB);
    });
  });
});
