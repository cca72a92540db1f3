import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, writeFileSync, writeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPipe } from "../../src/kernel/pipe.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { UnderOomSampler } from "../support/sampler.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
const DELAY_MS = 800;
/** On a slow machine fewer rounds will do. */
const ROUNDS_MS = 30_000;
/** An OOM ends within the delay and a second; what is more is for the sampler's own lateness. */
const LONGEST_MS = DELAY_MS + 1_000 + 100;

describe.skipIf(reason !== null)(`no OOM outlasts a handler that fails (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;
  let sampler: UnderOomSampler;

  beforeEach(() => {
    memcgs = new TestMemcgs(40);
    memcgs.make("a");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`, `oom.delay_ms = ${DELAY_MS}`]);
    sampler = new UnderOomSampler(memcgs.directory());
  });

  afterEach(async () => {
    sampler.stop();
    await daemon.clean();
    await memcgs.clean();
  });

  const isHeldOff = () => memcgs.oomControl("", "oom_kill_disable") === 1;

  /** A process that fills the memcg dies, whoever kills it. */
  async function survivesAnOom(): Promise<void> {
    const hog = memcgs.burst("a");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
  }

  test("killed at any moment of an OOM: it ends, and the next start goes on at once", async () => {
    const end = performance.now() + ROUNDS_MS;
    for (let round = 0; round < 20 && performance.now() < end; round++) {
      if (daemon.hasEnded) await daemon.start();
      const hog = memcgs.burst("a");
      // Filling the memcg takes some 20 ms, and handling it some 10: from before the OOM until after it.
      await sleep(10 + Math.random() * 40);
      daemon.signal("SIGKILL");
      await until("badnessd is gone", () => daemon.hasEnded);
      if (round % 2 === 0) await daemon.start();
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
      await until("nobody waits", () => memcgs.oomControl("", "under_oom") === 0, 1_000);
    }
    await daemon.stop();
    await until("the failsafe has put it back", () => !isHeldOff());
    expect(sampler.longestMs).toBeLessThan(1_500);
  });

  test("stopped at any moment of an OOM", async () => {
    await daemon.start();
    for (let round = 0; round < 4; round++) {
      const hog = memcgs.burst("a");
      await sleep(15 + round * 5);
      daemon.signal("SIGSTOP");
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
      daemon.signal("SIGCONT");
      await until("it is held off again", isHeldOff);
    }
    expect(sampler.longestMs).toBeLessThan(LONGEST_MS);
  });

  test("an exception that nobody catches: everything is put back, and the exit code says so", async () => {
    const trap = `${daemon.directory}/trap.cjs`;
    writeFileSync(trap, 'process.on("SIGUSR2", () => { throw new Error("on purpose"); });');
    daemon.env = { NODE_OPTIONS: `--require ${trap}` };
    await daemon.start();
    expect(isHeldOff()).toBe(true);
    daemon.signal("SIGUSR2");
    await until("it has ended", () => daemon.hasEnded, 2_000);
    expect(daemon.child?.exitCode).toBe(1);
    expect(isHeldOff()).toBe(false);
    expect(daemon.stderr).toMatch(/on purpose/);
    await survivesAnOom();
  });

  test("an exception that nobody catches, while nobody reads the log: it ends all the same", async () => {
    const trap = `${daemon.directory}/trap.cjs`;
    writeFileSync(trap, 'process.on("SIGUSR2", () => { throw new Error("on purpose"); });');
    daemon.env = { NODE_OPTIONS: `--require ${trap}` };
    const { readFd, writeFd } = createPipe();
    try {
      writeSync(writeFd, Buffer.alloc(65_536, "x"));
      await daemon.start({ stderr: writeFd });
      daemon.signal("SIGUSR2");
      await until("it has ended", () => daemon.hasEnded, 2_000);
      expect(daemon.child?.exitCode).toBe(1);
      expect(isHeldOff()).toBe(false);
    } finally {
      closeSync(writeFd);
      closeSync(readFd);
    }
  });

  test("an event loop that is blocked: the kernel kills in time", async () => {
    const trap = `${daemon.directory}/trap.cjs`;
    const off = `${daemon.directory}/off`;
    writeFileSync(trap, `process.on("SIGUSR2", () => { while (!require("fs").existsSync(${JSON.stringify(off)})); });`);
    daemon.env = { NODE_OPTIONS: `--require ${trap}` };
    await daemon.start();
    daemon.signal("SIGUSR2");
    await survivesAnOom();
    writeFileSync(off, "");
    expect(sampler.longestMs).toBeLessThan(LONGEST_MS);
    expect(memcgs.kernelKills()).toBe(1);
    await until("it is held off again", isHeldOff);
  });

  test("nobody reads its log, and the pipe is full: OOMs are handled as ever", async () => {
    const { readFd, writeFd } = createPipe();
    try {
      writeSync(writeFd, Buffer.alloc(65_536, "x"));
      await daemon.start({ stderr: writeFd });
      for (let round = 0; round < 5; round++) await survivesAnOom();
      expect((await daemon.eventsOf("kill")).length).toBe(5);
      expect(memcgs.kernelKills()).toBe(0);
      expect(await daemon.stop()).toBe(0);
    } finally {
      closeSync(writeFd);
      closeSync(readFd);
    }
    expect(isHeldOff()).toBe(false);
  });

  test("the disk is full: what cannot be recorded is not armed, what was armed before is handled", async () => {
    mkdirSync(daemon.runtimeDir);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", daemon.runtimeDir]);
    try {
      daemon.configure([`oom.guard = ${memcgs.top} ${memcgs.path("late-*")}`, `oom.delay_ms = ${DELAY_MS}`]);
      await daemon.start();
      fill(`${daemon.runtimeDir}/ballast`);
      memcgs.make("late-1");
      await daemon.event("fault");
      expect(memcgs.oomControl("late-1", "oom_kill_disable")).toBe(0);
      await survivesAnOom();
      const [decision] = await daemon.event("decision");
      expect(decision?.snapshot).toBeNull();
      expect(memcgs.kernelKills()).toBe(0);
      await daemon.stop();
      expect(isHeldOff()).toBe(false);
    } finally {
      daemon.signal("SIGKILL");
      await until("all have let go of it", () => isUnmounted(daemon.runtimeDir));
    }
  });
});

/** Writes until nothing fits any more. */
function fill(path: string): void {
  for (let size = 65_536; size >= 1; size = size === 1 ? 0 : Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // A smaller piece may fit.
    }
  }
}

function isUnmounted(directory: string): boolean {
  try {
    execFileSync("umount", [directory], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
