import type { ChildProcess } from "node:child_process";
import { accessSync, constants, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { Strace, whyNoStrace } from "../support/strace.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNoStrace();
const LAST_PID = "/proc/sys/kernel/ns_last_pid";
/** What must not happen between the wake-up and the signal: it waits for memory, for a disk or for a thread. */
const FORBIDDEN =
  /^(clone|fork|vfork|execve|write|pwrite|fsync|rename|mkdir|unlink|connect|send(to|msg)|[fl]?getxattr|futex\(.*WAKE)/;
const FORBIDDEN_FILES = /\/(cmdline|environ|maps|smaps|smaps_rollup|mem)"/;

describe.skipIf(reason !== null)(`between the wake-up and the signal (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let elsewhere: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(async () => {
    memcgs = new TestMemcgs(60);
    memcgs.make("first", "second");
    elsewhere = new TestMemcgs();
    daemon = new TestDaemon();
    configure();
    await daemon.start();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
    await elsewhere.clean();
  });

  /** `more`: of another memcg than the one that will be out of memory. */
  function configure(more = ""): void {
    const memcg = `${memcgs.path("first")}: { badness: 100 }`;
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs: { ${memcg}${more} }`);
  }

  /** Holds the handler up once it has chosen and before it has a pidfd, and goes on with `meanwhile`. */
  async function whileItChose(meanwhile: () => Promise<void>): Promise<void> {
    const hold = ["-e", "trace=pidfd_open", "-e", "inject=pidfd_open:delay_enter=2000000:when=1"];
    const strace = await Strace.attach(daemon.child?.pid, `${daemon.directory}/strace`, ...hold);
    const hog = memcgs.burst("second");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    await sleep(300);
    await meanwhile();
    await until("the hog dies", () => hog.signalCode === "SIGKILL");
    await strace.detach();
  }

  test.each([
    ["as it is", ""],
    ["where others may bring memory back", "/x/*: { relief: reclaim lend:1M, preKill: { command: x } }"],
  ])("%s, nothing is started or written, no thread is woken, and nothing is read that could hang", async (_, more) => {
    if (more !== "") {
      configure(`, ${more}`);
      await daemon.event("config");
    }
    const { pid } = await daemon.status();
    const strace = await Strace.attach(pid, `${daemon.directory}/strace`, "-f");
    const victim = await memcgs.hold("first", 5);
    memcgs.burst("second");
    await until("the victim is dead", () => victim.signalCode === "SIGKILL");
    const lines = (await strace.detach()).filter((line) => line.startsWith(`${pid} `));
    const calls = lines.map((line) => line.slice(`${pid}`.length).trim());
    const signal = calls.findIndex((call) => call.startsWith("pidfd_send_signal"));
    const wakeUp = calls.findLastIndex((call, index) => index < signal && call.includes("epoll_"));
    const between = calls.slice(wakeUp + 1, signal);
    expect(between.length).toBeGreaterThan(5);
    expect(between.filter((call) => FORBIDDEN.test(call) || FORBIDDEN_FILES.test(call))).toEqual([]);
  });

  test("the chosen one moves to another tree: it is not signalled, and the next one dies", async () => {
    const moving = await memcgs.hold("first", 5);
    await whileItChose(async () => elsewhere.write("", "cgroup.procs", `${moving.pid}`));
    const [first] = await daemon.event("kill");
    expect(first?.victims).toEqual([]);
    expect(first?.missed).toMatchObject([{ pid: moving.pid, why: `moved to ${elsewhere.top}` }]);
    expect(moving.signalCode).toBeNull();
  });

  // On a busy machine the pid may go to a stranger first.
  test.skipIf(!isWritable(LAST_PID))("the chosen one dies, another gets its pid and lives", { retry: 3 }, async () => {
    const chosen = await memcgs.hold("first", 5);
    const pid = chosen.pid ?? 0;
    let other: ChildProcess | null = null;
    await whileItChose(async () => {
      chosen.kill("SIGKILL");
      await until("it is gone", () => chosen.signalCode === "SIGKILL");
      for (let tries = 0; tries < 50 && other?.pid !== pid; tries++) {
        other?.kill("SIGKILL");
        writeFileSync(LAST_PID, `${pid - 1}`);
        // Not where memory is short: starting it takes some.
        other = elsewhere.spawn("", "sleep", "1000");
      }
    });
    const taker = other as ChildProcess | null;
    expect(taker?.pid).toBe(pid);
    const [first] = await daemon.event("kill");
    expect(first?.victims).toEqual([]);
    expect(first?.missed).toMatchObject([{ pid, why: "another process" }]);
    expect(taker?.signalCode).toBeNull();
  });
});

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
