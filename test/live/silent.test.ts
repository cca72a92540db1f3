import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findMemoryController } from "../../src/kernel/mounts.ts";
import type { Holdings } from "../../src/report/events.ts";
import { TestDaemon } from "../support/daemon.ts";
import { type SilentKind, TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { mountTmpfs, type TestTmpfs } from "../support/tmpfs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const MIB = 1024 * 1024;
/** Longer than it takes to be sure of a silent OOM. */
const LONG_MS = 4_000;

describe.skipIf(reason !== null)(`charges that fail and nobody waits (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;
  let tmpfs: TestTmpfs;

  beforeEach(() => {
    memcgs = new TestMemcgs(64);
    memcgs.make("a", "b");
    daemon = new TestDaemon();
    tmpfs = mountTmpfs(`${daemon.directory}/tmpfs`);
  });

  afterEach(async () => {
    await memcgs.killAll();
    tmpfs.unmount();
    await daemon.clean();
    await memcgs.clean();
  });

  async function guard(conf: readonly string[] = [], policy = ""): Promise<void> {
    daemon.configure([`oom.guard = ${memcgs.top}`, ...conf], policy);
    await daemon.start();
  }

  const file = () => `${tmpfs.directory}/file`;

  test.each<[SilentKind, keyof Holdings]>([
    ["tmpfs", "shmemBytes"],
    ["pipe", "kernelBytes"],
    ["mlock", "unevictableBytes"],
    ["read", "anonBytes"],
  ])("%s: said once, with the kind of memory, and nobody dies", async (kind, holding) => {
    await guard();
    const hog = memcgs.silent("a", kind, 0, file());
    const [silent] = await daemon.event("silent-oom");
    expect(silent).toMatchObject({ memcg: memcgs.top, counter: "memory.failcnt", mode: "report" });
    expect(silent?.usageBytes).toBeGreaterThan(63 * MIB);
    expect(silent?.holdings[holding]).toBeGreaterThan(40 * MIB);
    await sleep(LONG_MS);
    expect((await daemon.eventsOf("silent-oom")).length).toBe(1);
    expect(await daemon.eventsOf("oom")).toEqual([]);
    expect(hog.signalCode).toBeNull();
  });

  test("a single charge that failed is said too", async () => {
    await guard();
    memcgs.silent("a", "tmpfs", 1, file());
    expect(await daemon.event("silent-oom")).toMatchObject([{ memcg: memcgs.top, counter: "memory.failcnt" }]);
  });

  test.skipIf(!hasSwapLimit())("at the limit of memory and swap together, which the kernel may not count", async () => {
    memcgs.write("", "memory.memsw.limit_in_bytes", `${64 * MIB}`);
    await guard();
    memcgs.silent("a", "tmpfs", 0, file());
    const [silent] = await daemon.event("silent-oom");
    expect(silent).toMatchObject({ memcg: memcgs.top, limitBytes: 64 * MIB });
    expect(silent?.counter).toMatch(/^memory\.memsw\./);
    expect(memcgs.read("", "memory.failcnt")).toBe("0\n");
  });

  test("it is another one when there was room in between", async () => {
    await guard();
    const first = memcgs.silent("a", "read", 0, file());
    await daemon.event("silent-oom");
    first.kill("SIGKILL");
    // As long as an interruption must last to be none of the same.
    await sleep(7_000);
    memcgs.silent("a", "mlock", 0, file());
    await daemon.event("silent-oom", 2);
  });

  test("what reclaim takes care of is none: page cache that is read, and names of files that are not there", async () => {
    await guard();
    const big = `${daemon.directory}/big`;
    execFileSync("dd", ["if=/dev/zero", `of=${big}`, "bs=1M", "count=200"], { stdio: "ignore" });
    const reader = memcgs.spawn("a", "sh", "-c", `while :; do cat ${big} > /dev/null; done`);
    const seeker = memcgs.spawn("b", "perl", "-e", `while (1) { $i++; stat "${big}-$i-" . "x" x 99 }`);
    const failures = () => Number(memcgs.read("", "memory.failcnt"));
    await until("the limit is met often", () => failures() > 1_000, 30_000);
    await sleep(2 * LONG_MS);
    await memcgs.killAll();
    expect([reader.signalCode, seeker.signalCode]).toEqual(["SIGKILL", "SIGKILL"]);
    // What is one is noticed in spite of all the cache.
    memcgs.silent("a", "mlock", 0, file());
    await daemon.event("silent-oom");
    expect((await daemon.eventsOf("silent-oom")).length).toBe(1);
    expect(await daemon.eventsOf("kill")).toEqual([]);
  });

  describe("oom.silent = handle", () => {
    const handle = (delayMs: number, policy: string) =>
      guard(["oom.silent = handle", `oom.delay_ms = ${delayMs}`], policy);

    test("the lowest dies, once, and the charges go through", async () => {
      await handle(10_000, `memcgs: { ${memcgs.path("b")}: { badness: 100 }, ${memcgs.path("a")}: { badness: 9000 } }`);
      const victim = await memcgs.hold("b", 30);
      const bystander = memcgs.spawn("b", "sleep", "1000");
      memcgs.silent("a", "tmpfs", 1, file());
      const [kill] = await daemon.event("kill");
      expect(kill?.victims.map(({ pid }) => pid)).toEqual([victim.pid]);
      const [relieved] = await daemon.event("relieved");
      expect(relieved?.usageBytes).toBeLessThan(50 * MIB);
      expect(await daemon.eventsOf("silent-oom")).toMatchObject([{ mode: "handle" }]);
      await sleep(LONG_MS);
      expect((await daemon.eventsOf("kill")).length).toBe(1);
      expect(bystander.signalCode).toBeNull();
      expect(memcgs.kernelKills()).toBe(0);
      await replaysToItself(daemon);
    });

    test("nothing to free: no more kills than candidates, said once, and no kill by the kernel", async () => {
      await handle(60_000, `memcgs: { ${memcgs.path("a")}: { badness: never } }`);
      const candidates = [1, 2].map(() => memcgs.spawn("b", "sleep", "1000"));
      const writer = memcgs.silent("a", "tmpfs", 0, file());
      const [unreclaimable] = await daemon.event("unreclaimable");
      expect(unreclaimable?.killed).toBe(2);
      expect(unreclaimable?.holdings.shmemBytes).toBeGreaterThan(50 * MIB);
      expect(candidates.every(({ signalCode }) => signalCode === "SIGKILL")).toBe(true);
      await sleep(LONG_MS);
      expect((await daemon.eventsOf("unreclaimable")).length).toBe(1);
      expect((await daemon.eventsOf("silent-oom")).length).toBe(1);
      expect(writer.signalCode).toBeNull();
      expect(memcgs.kernelKills()).toBe(0);
    });

    test("each kill takes proof, and none comes after the delay", async () => {
      await handle(1_000, `memcgs: { ${memcgs.path("a")}: { badness: never } }`);
      const candidates = [1, 2, 3, 4].map(() => memcgs.spawn("b", "sleep", "1000"));
      memcgs.silent("a", "tmpfs", 0, file());
      await daemon.event("note");
      await sleep(LONG_MS);
      expect(candidates.filter(({ signalCode }) => signalCode === "SIGKILL").length).toBe(1);
      expect((await daemon.eventsOf("silent-oom")).length).toBe(1);
    });

    test("who may bring memory back is asked first, all in turn, and then the lowest dies", async () => {
      const commands = ["handler", "preKill"].map(
        (name) => `${name}: { command: "cat > ${daemon.directory}/${name}" }`,
      );
      const policy = `memcgs: { ${memcgs.path("b")}: { badness: 100, ${commands.join(", ")} } }`;
      await guard(["oom.silent = handle", "oom.relief = reclaim"], policy);
      const victim = await memcgs.hold("b", 30);
      memcgs.silent("a", "tmpfs", 20, file());
      const [kill] = await daemon.event("kill");
      expect(kill?.victims.map(({ pid }) => pid)).toEqual([victim.pid]);
      const tried = (await daemon.eventsOf("relief")).map(({ by, relieved }) => ({ by, relieved }));
      expect(tried).toEqual(["reclaim", "handler", "pre-kill"].map((by) => ({ by, relieved: false })));
      expect(JSON.parse(readFileSync(`${daemon.directory}/preKill`, "utf8"))).toMatchObject({ oomMemcg: memcgs.top });
      expect(memcgs.kernelKills()).toBe(0);
    });

    test("what is lent makes room, and nobody dies", async () => {
      await guard(["oom.silent = handle", "oom.relief = lend:32M"]);
      const holder = await memcgs.hold("b", 5);
      memcgs.silent("a", "tmpfs", 20, file());
      const [relief] = await daemon.event("relief");
      expect(relief).toMatchObject({ by: "lend", outcome: "done", relieved: true });
      await daemon.event("relieved");
      expect(memcgs.read("", "memory.limit_in_bytes")).toBe(`${96 * MIB}\n`);
      expect((await daemon.status()).lent).toMatchObject([{ memcg: memcgs.top, bytes: 32 * MIB }]);
      expect(daemon.ctl("status").stdout).toContain(`${memcgs.top}  was lent 32 MiB `);
      expect(daemon.ctl("tree", memcgs.top).stdout).toContain("    32 MiB of this limit are lent\n");
      expect(await daemon.eventsOf("kill")).toEqual([]);
      expect(holder.signalCode).toBeNull();
    });

    test("somebody who waits in a memcg below is not kept waiting by who was asked", async () => {
      const preKill = `preKill: { command: "sleep 60", timeoutMs: 50000 }`;
      const guarded = `oom.guard = ${memcgs.top} ${memcgs.path("a")}`;
      daemon.configure(
        [guarded, "oom.silent = handle", "oom.delay_ms = 60000"],
        `memcgs: { ${memcgs.path("b")}: { badness: 100, ${preKill} } }`,
      );
      await daemon.start();
      const small = await memcgs.hold("a", 5);
      const victim = await memcgs.hold("b", 5);
      memcgs.silent("b", "tmpfs", 0, file());
      // Said of the top, since somebody is asked.
      await daemon.event("oom");
      memcgs.write("a", "memory.limit_in_bytes", memcgs.read("a", "memory.usage_in_bytes").trim());
      small.stdin?.write("5\n");
      await until("it is dead", () => small.signalCode === "SIGKILL");
      expect((await daemon.event("kill")).map(({ memcg }) => memcg)).toEqual([memcgs.path("a")]);
      expect(victim.signalCode).toBeNull();
      expect(memcgs.kernelKills()).toBe(0);
    });

    test("as soon as somebody waits it is an ordinary OOM", async () => {
      await handle(10_000, `memcgs: { ${memcgs.path("a")}: { badness: never } }`);
      const hog = await memcgs.hold("b", 5);
      memcgs.silent("a", "tmpfs", 0, file());
      await until("it is full", () => memcgs.read("", "memory.usage_in_bytes") === `${64 * MIB}\n`);
      hog.stdin?.write("20");
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
      expect((await daemon.event("kill")).flatMap(({ victims }) => victims.map(({ pid }) => pid))).toEqual([hog.pid]);
      expect(memcgs.kernelKills()).toBe(0);
    });
  });
});

function hasSwapLimit(): boolean {
  return existsSync(`${findMemoryController()}/memory.memsw.limit_in_bytes`);
}
