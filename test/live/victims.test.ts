import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const ascending = (a: number, b: number) => a - b;
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

  test.each(["process", "group"])(
    "a process is a candidate where its leader is, and there alone: kill %s",
    async (kill) => {
      const both = memcgs.path("both");
      memcgs.make("both/first", "both/second");
      memcgs.limit("", 300);
      const policy = `memcgs: { ${both}: { badness: 50, kill: ${kill} }, ${both}/first: { badness: 100 } }`;
      daemon.configure([`oom.guard = ${memcgs.top}`], policy);
      await daemon.start();
      const split = await memcgs.odd("both/second", "threads", 30);
      memcgs.moveThreads(split, "both/first");
      const whole = await memcgs.hold("both/second", 5);
      const snapshot = `${daemon.directory}/snapshot.yaml`;
      writeFileSync(snapshot, daemon.ctl("snapshot", memcgs.top).stdout);
      const { stdout } = daemon.ctl("explain", "--snapshot", snapshot, "--json");
      const chosen =
        kill === "process" ? { pid: split.pid } : { pids: [split.pid ?? 0, whole.pid ?? 0].sort(ascending) };
      expect(JSON.parse(stdout)).toMatchObject({ victim: chosen });
      expect(JSON.parse(daemon.ctl("explain", memcgs.top, "--json").stdout)).toMatchObject({ victim: chosen });
      memcgs.burst("second");
      await daemon.event("relieved");
      expect((await killed(1)).sort(ascending)).toEqual("pids" in chosen ? chosen.pids : [split.pid]);
      expect((await daemon.event("kill"))[0]?.missed).toEqual([]);
      await replaysToItself(daemon);
      expect(memcgs.kernelKills()).toBe(0);
    },
  );

  test("a leaderless process whose threads are in two memcgs dies once", async () => {
    await guard();
    const leaderless = await memcgs.odd("second", "zombie-leader", 40);
    await sleep(300);
    const last = readdirSync(`/proc/${leaderless.pid}/task`).at(-1) ?? "";
    memcgs.write("first", "tasks", last);
    // Nobody else is in the first: with that thread alone it is passed over.
    const hog = memcgs.burst("second");
    await daemon.event("relieved");
    expect([leaderless.pid, hog.pid]).toContain((await killed(1))[0]);
    expect((await daemon.event("kill"))[0]?.missed).toEqual([]);
    await replaysToItself(daemon);
  });

  test("a process of another tree with threads in this one is no candidate", async () => {
    const other = new TestMemcgs();
    try {
      await guard();
      const outsider = await other.odd("", "threads", 5);
      memcgs.moveThreads(outsider, "first");
      const hog = memcgs.grow("second");
      await until("the hog dies", () => hog.signalCode === "SIGKILL");
      expect(outsider.signalCode).toBeNull();
      expect((await daemon.event("kill"))[0]?.missed).toEqual([]);
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
