import { appendFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemcgCounters } from "../../src/report/counters.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const NONE = { handler: 0, kernel: 0 };

describe.skipIf(reason !== null)(`who died, counted (${reason ?? "live"})`, () => {
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

  const guardTop = (...more: string[]) => daemon.configure([`oom.guard = ${memcgs.top}`, ...more]);
  const statsOf = (name = ""): MemcgCounters => {
    const { code, stdout, stderr } = daemon.ctl("stats", "--json", memcgs.path(name));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout) as MemcgCounters;
  };
  const kernelKills = async () =>
    (await daemon.eventsOf("kernel-kill")).filter(({ memcg }) => memcg?.startsWith(memcgs.top) === true);

  /** A process that grows until it is killed; resolves then. */
  const dieIn = async (name: string): Promise<number> => {
    const hog = memcgs.grow(name);
    await until(`the one in ${name} is dead`, () => hog.signalCode === "SIGKILL" || hog.exitCode !== null);
    expect(hog.signalCode).toBe("SIGKILL");
    return hog.pid ?? 0;
  };

  test("the handler's kills are the deaths that the parent saw, each where it was", async () => {
    memcgs.make("a/x", "b");
    guardTop();
    await daemon.start();
    for (const name of ["a", "a/x", "a/x", "b", "a"]) await dieIn(name);
    await daemon.event("relieved", 5);
    expect(statsOf("a/x")).toMatchObject({ local: 2, hierarchical: 2, oom: 0 });
    expect(statsOf("a")).toMatchObject({ local: 2, hierarchical: 4 });
    expect(statsOf("b")).toMatchObject({ local: 1, hierarchical: 1 });
    expect(statsOf()).toEqual({
      memcg: memcgs.top,
      local: 0,
      hierarchical: 5,
      byCause: { memcg: { handler: 5, kernel: 0 }, system: NONE, user: NONE },
      oom: 5,
      delayExpired: 0,
      noVictim: 0,
    });
    expect(memcgs.kernelKills()).toBe(0);
    expect(await kernelKills()).toEqual([]);
  });

  test("when the delay is over it is the kernel's kill, and told by its name", async () => {
    memcgs.make("a");
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, "oom.delay_ms = 200"],
      `processes: [{ match: { memcg: ${memcgs.path("a")} }, badness: never }]`,
    );
    await daemon.start();
    const pid = await dieIn("a");
    await until("it is told", async () => (await kernelKills()).length > 0);
    const [kill] = await kernelKills();
    expect(kill).toMatchObject({ cause: "memcg", memcg: memcgs.path("a") });
    // Where much is killed, be it by others, the kernel says less.
    expect([memcgs.top, null]).toContain(kill?.oomMemcg);
    expect([pid, null]).toContain(kill?.pid);
    await daemon.event("relieved");
    const byCause = { memcg: { handler: 0, kernel: 1 }, system: NONE, user: NONE };
    expect(statsOf()).toMatchObject({ local: 0, hierarchical: 1, byCause, oom: 1, delayExpired: 1, noVictim: 1 });
    expect(statsOf("a")).toMatchObject({ local: 1, hierarchical: 1, byCause });
  });

  test("kills at the limit of a child that nobody guards are heard of, however many and however fast", async () => {
    memcgs.make("free/inner");
    memcgs.limit("free", 20);
    guardTop();
    await daemon.start();
    const pids = new Set<number>();
    // More than the kernel sums up in five seconds.
    for (let count = 0; count < 14; count++) pids.add(await dieIn(count % 2 === 0 ? "free" : "free/inner"));
    await until("all are told", async () => (await kernelKills()).length >= 14);
    await sleep(1_200);
    const kills = await kernelKills();
    expect(kills).toHaveLength(14);
    const named = kills.flatMap(({ pid }) => pid ?? []);
    expect(new Set(named).size).toBe(named.length);
    for (const pid of named) expect(pids).toContain(pid);
    expect(named.length).toBeGreaterThan(7);
    expect(memcgs.kernelKills()).toBe(14);
    expect(statsOf("free")).toMatchObject({ local: 7, hierarchical: 14 });
    expect(statsOf("free/inner")).toMatchObject({ local: 7, byCause: { memcg: { handler: 0, kernel: 7 } } });
  });

  test("without the kernel's log the counts hold, and that is said once", async () => {
    memcgs.make("free");
    memcgs.limit("free", 20);
    guardTop();
    daemon.wrapper = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /dev/kmsg && exec "$@"', "sh"];
    await daemon.start();
    await dieIn("free");
    await dieIn("free");
    await until("both are told", async () => (await kernelKills()).length === 2);
    expect(await kernelKills()).toMatchObject([{ memcg: memcgs.path("free"), pid: null, comm: null }, { pid: null }]);
    expect(statsOf()).toMatchObject({ hierarchical: 2, byCause: { memcg: { handler: 0, kernel: 2 } } });
    expect((await daemon.event("note")).filter(({ what }) => what.includes("/dev/kmsg"))).toHaveLength(1);
  });

  test("what a process writes into the kernel's log is nobody's death", async () => {
    guardTop();
    await daemon.start();
    appendFileSync(
      "/dev/kmsg",
      `<3>oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${memcgs.top},task_memcg=${memcgs.top},task=x,pid=1,uid=0\n`,
    );
    appendFileSync("/dev/kmsg", "<3>Memory cgroup out of memory: Killed process 1 (x) total-vm:1kB, anon-rss:1kB\n");
    memcgs.make("free");
    memcgs.limit("free", 20);
    const pid = await dieIn("free");
    await until("the real one is told", async () => (await kernelKills()).length > 0);
    const kills = await kernelKills();
    expect(kills).toHaveLength(1);
    expect([pid, null]).toContain(kills[0]?.pid);
  });

  test("in a dry run only the kernel kills", async () => {
    memcgs.make("a");
    guardTop("oom.dry_run = 1");
    await daemon.start();
    await dieIn("a");
    await until("it is told", async () => (await kernelKills()).length > 0);
    expect(statsOf()).toMatchObject({ hierarchical: 1, byCause: { memcg: { handler: 0, kernel: 1 } } });
  });
});
