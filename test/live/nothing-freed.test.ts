import { type ChildProcess, execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCapabilities } from "../../src/kernel/process.ts";
import type { Holdings } from "../../src/report/events.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { mountTmpfs } from "../support/tmpfs.ts";
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

  /** Who may be killed. */
  const candidates = () => memcgs.read("shared", "cgroup.procs").split("\n").filter(Boolean).map(Number);

  /** When the delay is over what we protect is the kernel's to kill, unless we may protect it from the kernel too. */
  async function kernelTakes(hog: ChildProcess): Promise<void> {
    const [expired] = await daemon.event("delay-expired");
    // A shell that the kernel lets go on may find, instead of its end, that there is no memory, and end by itself.
    if (!canProtect) return until("it has ended", () => hog.signalCode !== null || hog.exitCode !== null);
    expect(expired?.kernelKilled).toBe(0);
    expect(hog.signalCode).toBeNull();
  }

  /** Fills `shared` with 120 MiB that belong to no process; resolves to the way to get rid of them. */
  const FILL: Record<string, { kind: keyof Holdings; fill(): Promise<() => void> }> = {
    "a file on tmpfs": {
      kind: "shmemBytes",
      async fill() {
        const tmpfs = mountTmpfs(`${daemon.directory}/tmpfs`);
        await ended(memcgs.spawn("shared", "dd", "if=/dev/zero", `of=${tmpfs.directory}/file`, "bs=1M", "count=120"));
        return () => tmpfs.unmount();
      },
    },
    "a segment of SysV shared memory": {
      kind: "shmemBytes",
      async fill() {
        const write =
          "$m = 1 << 20; $id = shmget(0, 120 * $m, 0600); $x = 'x' x $m; for (0..119) { shmwrite($id, $x, $_ * $m, $m) or die } print $id";
        const writer = memcgs.spawn("shared", "perl", "-e", write);
        const id = await new Promise((resolve) => writer.stdout?.once("data", resolve));
        await ended(writer);
        return () => execFileSync("ipcrm", ["-m", `${id}`]);
      },
    },
    "inodes, which are the kernel's": {
      kind: "kernelBytes",
      async fill() {
        const tmpfs = mountTmpfs(`${daemon.directory}/tmpfs`, "nr_inodes=0");
        const make = `for (1..120000) { open F, '>', '${tmpfs.directory}/'.$_ or die }`;
        await ended(memcgs.spawn("shared", "perl", "-e", make));
        return () => tmpfs.unmount();
      },
    },
    "a process elsewhere that shares the memory": {
      kind: "elsewhereBytes",
      async fill() {
        const shared = await memcgs.odd("shared", "shared", 100);
        let sharer = 0;
        await until("it is shared", () => {
          sharer = childOf(shared.pid);
          return sharer > 0;
        });
        elsewhere.write("", "cgroup.procs", `${sharer}`);
        return () => {
          expect(existsSync(`/proc/${sharer}`)).toBe(true);
          process.kill(sharer, "SIGKILL");
        };
      },
    },
  };

  test.each(Object.entries(FILL))(
    "%s: no more kills than candidates, said once, back to the kernel",
    async (_, how) => {
      await guard(3_000);
      const empty = await how.fill();
      try {
        const sleepers = [1, 2].map(() => memcgs.spawn("shared", "sleep", "1000").pid ?? 0);
        await until("they are there", () => sleepers.every((pid) => candidates().includes(pid)));
        const before = candidates();
        const protectedHog = memcgs.burst("waits");
        const [unreclaimable] = await daemon.event("unreclaimable");
        // Each death frees a little, and the OOM may be over for a moment.
        expect(unreclaimable?.killed).toBeLessThanOrEqual(before.length);
        expect(largestOf(unreclaimable?.holdings)).toBe(how.kind);
        expect(unreclaimable?.memoryStat).toMatch(/^total_rss \d+$/m);
        const ticks = ticksOf(daemon.child?.pid);
        await sleep(1_500);
        expect(ticksOf(daemon.child?.pid) - ticks).toBeLessThan(30);
        await kernelTakes(protectedHog);
        const killed = (await daemon.eventsOf("kill")).flatMap(({ victims }) => victims.map(({ pid }) => pid));
        expect(killed.sort()).toEqual(before.sort());
        expect((await daemon.eventsOf("unreclaimable")).length).toBe(1);
      } finally {
        empty();
      }
    },
  );

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

/** The kind of memory that there is most of; what is elsewhere is a kind of its own. */
function largestOf(holdings: Holdings | undefined): string | undefined {
  const { mappedBytes, unevictableBytes, ...kinds } = holdings as Holdings;
  const apart = { ...kinds, anonBytes: kinds.anonBytes - kinds.elsewhereBytes };
  return Object.entries(apart).sort(([, a], [, b]) => b - a)[0]?.[0];
}

async function ended(child: ChildProcess): Promise<void> {
  await until("it has ended", () => child.exitCode !== null || child.signalCode !== null);
  expect(child.exitCode).toBe(0);
}

/** Pid of a process that this one has forked, or 0. */
function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

/** Processor time of a process, in ticks of 10 ms. */
function ticksOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
