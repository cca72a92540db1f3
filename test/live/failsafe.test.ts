import type { ChildProcess } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { canUseKernelLog, kernelLog } from "../support/kernel-log.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`what stands when badnessd does not (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(async () => {
    memcgs = new TestMemcgs(80);
    memcgs.make("a");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`, "oom.delay_ms = 500"]);
    await daemon.start();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const isHeldOff = () => memcgs.oomControl("", "oom_kill_disable") === 1;

  test("handler killed: the kernel's killer is back within a second, for those born armed too", async () => {
    memcgs.make("a/unseen");
    memcgs.write("a/unseen", "memory.oom_control", "1");
    daemon.signal("SIGKILL");
    await until("the killer is back", () => !isHeldOff(), 1_000);
    await until("and below", () => memcgs.oomControl("a/unseen", "oom_kill_disable") === 0, 1_000);
  });

  test("handler killed while a memcg is out of memory: somebody dies", async () => {
    daemon.signal("SIGSTOP");
    const hog = memcgs.grow("a");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    daemon.signal("SIGKILL");
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 1_000);
  });

  test("handler stopped: the kernel kills within the delay and a second; a handler that comes back is in charge", async () => {
    daemon.signal("SIGSTOP");
    const hog = memcgs.grow("a");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 1_500);
    if (canUseKernelLog()) expect(kernelLog()).toContain(`badnessd: ${memcgs.top} has outstayed its delay of 500 ms`);
    daemon.signal("SIGCONT");
    await until("it is held off again", isHeldOff);
    const second = memcgs.grow("a");
    const kills = await daemon.event("kill");
    expect(kills.at(-1)?.victims.map(({ pid }) => pid)).toEqual([second.pid]);
  });

  test("handler stopped: a deadline that passes frees every memcg, not only the one that waited", async () => {
    memcgs.make("b");
    daemon.configure([`oom.guard = ${memcgs.path("a")} ${memcgs.path("b")}`, "oom.delay_ms = 300"]);
    await daemon.stop();
    await daemon.start();
    memcgs.limit("a", 40);
    daemon.signal("SIGSTOP");
    memcgs.grow("a");
    await until("a is given back", () => memcgs.oomControl("a", "oom_kill_disable") === 0);
    await until("and b", () => memcgs.oomControl("b", "oom_kill_disable") === 0, 1_000);
    daemon.signal("SIGCONT");
    await until("both are held off again", () =>
      ["a", "b"].every((name) => memcgs.oomControl(name, "oom_kill_disable") === 1),
    );
  });

  test.each(["SIGKILL", "SIGSTOP"] as const)(
    "failsafe gets %s: it is replaced, and all stays armed",
    async (signal) => {
      const { failsafePid } = await daemon.status();
      process.kill(failsafePid, signal);
      await until("there is another", async () => ![failsafePid, -1].includes((await daemon.status()).failsafePid));
      expect(isHeldOff()).toBe(true);
      await until("that one watches", async () => watches((await daemon.status()).failsafePid));
      daemon.signal("SIGKILL");
      await until("the new one works", () => !isHeldOff(), 1_000);
    },
  );

  test("both killed: restore gives everything back", async () => {
    const { failsafePid } = await daemon.status();
    process.kill(failsafePid, "SIGSTOP");
    daemon.signal("SIGKILL");
    process.kill(failsafePid, "SIGKILL");
    await until("badnessd is gone", () => daemon.child?.signalCode !== null);
    expect(isHeldOff()).toBe(true);
    expect(daemon.ctl("restore").code).toBe(0);
    expect(isHeldOff()).toBe(false);
  });

  test("handler killed: who waits in a memcg that was disabled before is not left hanging, and the others stay so", async () => {
    await daemon.stop();
    memcgs.make("b");
    for (const name of ["a", "b"]) memcgs.write(name, "memory.oom_control", "1");
    memcgs.limit("a", 30);
    daemon.configure([`oom.guard = ${memcgs.path("*")}`]);
    await daemon.start();
    daemon.signal("SIGSTOP");
    const hog = memcgs.grow("a");
    await until("it waits", () => memcgs.oomControl("a", "under_oom") === 1);
    daemon.signal("SIGKILL");
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 1_000);
    expect(memcgs.oomControl("b", "oom_kill_disable")).toBe(1);
  });

  test("handler killed and failsafe stopped: a start is refused, and gives everything back", async () => {
    const { failsafePid } = await daemon.status();
    process.kill(failsafePid, "SIGSTOP");
    daemon.signal("SIGKILL");
    await until("badnessd is gone", () => daemon.hasEnded);
    const child = daemon.launch();
    await until("it ends", () => child.exitCode !== null);
    expect([child.exitCode, isHeldOff()]).toEqual([1, false]);
    expect(daemon.stderr.split("\n")).toContain(
      `the failsafe of an earlier badnessd is stuck: end process ${failsafePid}`,
    );
    expect(daemon.stderr).not.toMatch(/^ +at /m);
    process.kill(failsafePid, "SIGKILL");
  });

  describe("both killed in mid-OOM", () => {
    let small: ChildProcess;
    let hog: ChildProcess;

    beforeEach(async () => {
      const { failsafePid } = await daemon.status();
      small = await memcgs.hold("a", 10);
      daemon.ctl("set", "--pid", `${small.pid}`, "10");
      daemon.signal("SIGSTOP");
      process.kill(failsafePid, "SIGSTOP");
      hog = memcgs.grow("a");
      await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
      daemon.signal("SIGKILL");
      process.kill(failsafePid, "SIGKILL");
      await until("badnessd is gone", () => daemon.hasEnded);
      memcgs.make("a/born-armed");
    });

    test("the next start finishes it, by badness, and the kernel kills nobody meanwhile", async () => {
      await daemon.start();
      const [kill] = await daemon.event("kill");
      expect(kill?.victims.map(({ pid }) => pid)).toEqual([small.pid]);
      expect(memcgs.kernelKills()).toBe(0);
      expect(memcgs.oomControl("a/born-armed", "oom_kill_disable")).toBe(0);
      await daemon.stop();
      for (const name of ["", "a"]) expect(memcgs.oomControl(name, "oom_kill_disable")).toBe(0);
    });

    test("the next start gives back what it does not guard any more", async () => {
      daemon.configure([`oom.guard = ${memcgs.path("a")}`]);
      await daemon.start();
      await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 1_000);
      const disabled = ["", "a", "a/born-armed"].map((name) => memcgs.oomControl(name, "oom_kill_disable"));
      expect(disabled).toEqual([0, 1, 0]);
      expect(await daemon.eventsOf("disarmed")).toMatchObject([{ memcg: memcgs.top }]);
    });
  });

  test("a stop puts every value back as it was", async () => {
    memcgs.make("a/born-armed");
    expect(await daemon.stop()).toBe(0);
    for (const name of ["", "a", "a/born-armed"]) expect(memcgs.oomControl(name, "oom_kill_disable")).toBe(0);
  });

  test("a second badnessd on the same runtime directory is refused", async () => {
    const other = new TestDaemon();
    other.configure([`oom.guard = ${memcgs.top}`]);
    const child = other.launch("--runtime-dir", daemon.runtimeDir);
    await until("it ends", () => child.exitCode !== null);
    expect(child.exitCode).toBe(1);
    expect(other.stderr).toMatch(/another badnessd runs on/);
    expect(isHeldOff()).toBe(true);
    await other.clean();
  });

  test("somebody else writes 0: it is held off again, and that is said", async () => {
    memcgs.write("", "memory.oom_control", "0");
    await until("it is held off again", isHeldOff);
    await daemon.event("fault");
  });
});

/** Whether a process has a memory.oom_control open. */
function watches(pid: number): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith("/memory.oom_control");
    } catch {
      // Closed since it was listed.
      return false;
    }
  });
}
