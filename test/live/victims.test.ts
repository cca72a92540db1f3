import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const FREEZER = "/sys/fs/cgroup/freezer";

describe.skipIf(reason !== null)(`victims that are hard to kill or to find (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(150);
    memcgs.make("first", "second");
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  /** `first` dies before `second`. */
  async function guard(...more: string[]): Promise<void> {
    const policy = `memcgs: { ${memcgs.path("first")}: { badness: 100 } }`;
    daemon.configure([`oom.guard = ${memcgs.top}`, ...more], policy);
    await daemon.start();
  }

  const pidsOf = (victims: readonly { pid: number }[] | undefined) => victims?.map(({ pid }) => pid);

  /** Pids in the order of the kills, however many at a time. */
  async function killed(count: number): Promise<number[]> {
    const kills = await daemon.event("kill", count);
    return kills.flatMap(({ victims }) => pidsOf(victims) ?? []);
  }

  test("a leader that ended while its threads live on is ranked by what they hold, and dies", async () => {
    await guard();
    await memcgs.hold("first", 5);
    const leaderless = await memcgs.odd("first", "zombie-leader", 40);
    await sleep(300);
    memcgs.grow("second");
    expect(await killed(1)).toEqual([leaderless.pid]);
    await daemon.event("relieved");
    expect(await daemon.eventsOf("stuck")).toEqual([]);
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a process is a candidate where its leader is, though its threads are elsewhere", async () => {
    await guard();
    const split = await memcgs.odd("second", "threads", 30);
    const threads = readdirSync(`/proc/${split.pid}/task`).filter((tid) => Number(tid) !== split.pid);
    for (const tid of threads) memcgs.write("first", "tasks", tid);
    // Nobody else is in the first: without the threads it would be passed over.
    const hog = memcgs.grow("second");
    // The miss in the first is told of before the kill in the second.
    await daemon.event("relieved");
    const [pid] = await killed(1);
    expect([split.pid, hog.pid]).toContain(pid);
    // The rest of its memory is not its own any more: whoever is killed next, it is not passed over for good.
    memcgs.grow("second");
    await until("it dies in its turn", () => split.signalCode === "SIGKILL");
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a process of another tree with threads in this one is not signalled", async () => {
    const other = new TestMemcgs();
    try {
      await guard();
      const outsider = await other.odd("", "threads", 5);
      const threads = readdirSync(`/proc/${outsider.pid}/task`).filter((tid) => Number(tid) !== outsider.pid);
      for (const tid of threads) memcgs.write("first", "tasks", tid);
      const hog = memcgs.grow("second");
      await until("the hog dies", () => hog.signalCode === "SIGKILL");
      expect(outsider.signalCode).toBeNull();
      expect(memcgs.kernelKills()).toBe(0);
    } finally {
      await other.clean();
    }
  });

  test("a stopped process dies like any other", async () => {
    await guard();
    const stopped = await memcgs.hold("first", 20);
    stopped.kill("SIGSTOP");
    memcgs.grow("second");
    expect(await killed(1)).toEqual([stopped.pid]);
    await until("it is dead", () => stopped.signalCode === "SIGKILL");
    expect(await daemon.eventsOf("stuck")).toEqual([]);
  });

  test("one that a tracer holds at its exit is waited for, said to be stuck, and then the next one dies", async () => {
    await guard();
    const traced = await memcgs.hold("first", 20);
    await memcgs.trace(traced.pid);
    const hog = memcgs.grow("second");
    expect(await killed(2)).toEqual([traced.pid, hog.pid]);
    const [stuck] = await daemon.event("stuck");
    expect(pidsOf(stuck?.victims)).toEqual([traced.pid]);
    await daemon.event("relieved");
    expect(traced.signalCode).toBeNull();
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("while one that somebody else has killed is dying nobody is killed, for a second", async () => {
    await guard();
    const traced = await memcgs.hold("first", 20);
    await memcgs.trace(traced.pid);
    traced.kill("SIGKILL");
    const hog = memcgs.grow("second");
    await daemon.event("stuck");
    const { victims } = (await daemon.event("kill"))[0] ?? {};
    expect(pidsOf(victims)).toEqual([hog.pid]);
  });

  test.skipIf(!existsSync(FREEZER))("a frozen one is said to be stuck, and then the next one dies", async () => {
    const freezer = `${FREEZER}${memcgs.top}`;
    mkdirSync(freezer);
    let frozen: ChildProcess | null = null;
    try {
      await guard();
      frozen = await memcgs.hold("first", 2);
      writeFileSync(`${freezer}/cgroup.procs`, `${frozen.pid}`);
      writeFileSync(`${freezer}/freezer.state`, "FROZEN");
      const hog = memcgs.grow("second");
      await until("the hog dies", () => hog.signalCode === "SIGKILL");
      expect((await killed(2))[0]).toBe(frozen.pid);
      expect(memcgs.kernelKills()).toBe(0);
    } finally {
      writeFileSync(`${freezer}/freezer.state`, "THAWED");
      frozen?.kill("SIGKILL");
      await until("the freezer is empty", () => isRemoved(freezer));
    }
  });
});

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
