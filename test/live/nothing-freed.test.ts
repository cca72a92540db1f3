import { type ChildProcess, execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCapabilities } from "../../src/kernel/process.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const canProtect = readCapabilities().has("CAP_SYS_RESOURCE");

describe.skipIf(reason !== null)(`deaths that free nothing (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let elsewhere: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(150);
    memcgs.make("shared", "waits");
    elsewhere = new TestMemcgs();
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
    await elsewhere.clean();
  });

  /** Nobody in `waits` may be killed by us. */
  async function guard(delayMs: number): Promise<void> {
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, `oom.delay_ms = ${delayMs}`],
      `memcgs: { ${memcgs.path("waits")}: { badness: never } }`,
    );
    await daemon.start();
  }

  /** When the delay is over what we protect is the kernel's to kill, unless we may protect it from the kernel too. */
  async function kernelTakes(hog: ChildProcess): Promise<void> {
    const [expired] = await daemon.event("delay-expired");
    // A shell that the kernel lets go on may find, instead of its end, that there is no memory, and end by itself.
    if (!canProtect) return until("it has ended", () => hog.signalCode !== null || hog.exitCode !== null);
    expect(expired?.kernelKilled).toBe(0);
    expect(hog.signalCode).toBeNull();
  }

  test("a process elsewhere shares the memory: it is not touched, and we stop when nobody is left", async () => {
    await guard(3_000);
    const shared = await memcgs.odd("shared", "shared", 60);
    let sharer = 0;
    await until("it is shared", () => {
      sharer = childOf(shared.pid);
      return sharer > 0;
    });
    elsewhere.write("", "cgroup.procs", `${sharer}`);
    const protectedHog = memcgs.burst("waits");
    const [unreclaimable] = await daemon.event("unreclaimable");
    expect(unreclaimable?.killed).toBe(1);
    expect(unreclaimable?.memoryStat).toMatch(/^total_rss \d+$/m);
    const before = ticksOf(daemon.child?.pid);
    await sleep(1_500);
    expect(ticksOf(daemon.child?.pid) - before).toBeLessThan(30);
    await kernelTakes(protectedHog);
    const kills = await daemon.eventsOf("kill");
    expect(kills.flatMap(({ victims }) => victims.map(({ pid }) => pid))).toEqual([shared.pid]);
    expect((await daemon.eventsOf("unreclaimable")).length).toBe(1);
    expect(existsSync(`/proc/${sharer}`)).toBe(true);
    process.kill(sharer, "SIGKILL");
  });

  test("a file on tmpfs fills the memcg: no more kills than there were candidates", async () => {
    await guard(2_000);
    const mount = `${daemon.directory}/tmpfs`;
    execFileSync("mkdir", [mount]);
    execFileSync("mount", ["-t", "tmpfs", "none", mount]);
    try {
      const writer = memcgs.spawn("shared", "dd", "if=/dev/zero", `of=${mount}/file`, "bs=1M", "count=140");
      await until("the file is written", () => writer.exitCode === 0);
      const candidates = [memcgs.spawn("shared", "sleep", "1000"), memcgs.spawn("shared", "sleep", "1000")];
      await sleep(100);
      const protectedHog = memcgs.burst("waits");
      await kernelTakes(protectedHog);
      const killed = (await daemon.eventsOf("kill")).flatMap(({ victims }) => victims.map(({ pid }) => pid));
      expect(new Set(killed)).toEqual(new Set(candidates.map(({ pid }) => pid)));
      expect(killed.length).toBe(2);
    } finally {
      execFileSync("umount", [mount]);
      rmdirSync(mount);
    }
  });

  test.skipIf(!canProtect)("nobody may be killed, by the kernel neither: said once, and hardly any work", async () => {
    await guard(500);
    const hog = await memcgs.hold("waits", 5);
    writeFileSync(`/proc/${hog.pid}/oom_score_adj`, "-1000");
    const before = ticksOf(daemon.child?.pid);
    const start = performance.now();
    hog.stdin?.write("300");
    await daemon.event("no-victim");
    await daemon.event("delay-expired", 2);
    // Half of the time, for the sake of slow machines: one that spins takes all of it.
    expect((ticksOf(daemon.child?.pid) - before) * 10).toBeLessThan((performance.now() - start) / 2);
    expect(hog.signalCode).toBeNull();
    expect(await daemon.eventsOf("kill")).toEqual([]);
    expect((await daemon.eventsOf("no-victim")).length).toBe(1);
    memcgs.limit("", 400);
    await daemon.event("relieved");
    await until("it is held off again", () => memcgs.oomControl("", "oom_kill_disable") === 1);
  });
});

/** Pid of a process that this one has forked, or 0. */
function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

/** Processor time of a process, in ticks of 10 ms. */
function ticksOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
