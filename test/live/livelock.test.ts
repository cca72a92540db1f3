import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readOomScoreAdj } from "../../src/kernel/process.ts";
import { TestDaemon } from "../support/daemon.ts";
import { HOG, TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
/** Doubles a string until it is stopped. */
const LEAK = "a=0123456789abcdef; while :; do a=$a$a; done";

describe.skipIf(reason !== null)(`a service that is killed and started again (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;
  let supervisor: ChildProcess | null = null;

  beforeEach(() => {
    memcgs = new TestMemcgs(60);
    memcgs.make("service", "other");
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    supervisor?.kill("SIGKILL");
    supervisor = null;
    await daemon.clean();
    await memcgs.clean();
  });

  async function guard(livelock: string, policy = ""): Promise<void> {
    daemon.configure([`oom.guard = ${memcgs.top}`, `oom.livelock = ${livelock}`], policy);
    await daemon.start();
  }

  /** Starts a service in the memcg, and another one whenever it ends. The supervisor is outside of it. */
  function supervise(command: string): void {
    const procs = `${memcgs.directory("service")}/cgroup.procs`;
    const enter = `while :; do sh -c 'echo $$ > "${procs}"; ${command}'; done`;
    supervisor = spawn("sh", ["-c", enter], { stdio: "ignore" });
  }

  test("is recognised: who, how often, in what time, how long each lasted", async () => {
    await guard("report");
    const bystander = memcgs.spawn("other", "sleep", "1000");
    supervise(LEAK);
    const [first, second] = await daemon.event("livelock", 2);
    expect(first).toMatchObject({ memcg: memcgs.top, comm: "sh", victimMemcg: memcgs.path("service"), kills: 5 });
    expect(first?.action).toBe("report");
    expect(first?.livedMs.length).toBe(5);
    expect(first?.withinMs).toBeLessThan(60_000);
    expect(second?.kills).toBe(5);
    expect(bystander.signalCode).toBeNull();
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("wider: its memcg dies whole, with the supervisor in it, and there is peace", async () => {
    await guard("wider");
    const bystander = memcgs.spawn("other", "sleep", "1000");
    const inside = memcgs.spawn("service", "sh", "-c", `while :; do sh -c '${LEAK}'; done`);
    const [livelock] = await daemon.event("livelock");
    expect(livelock).toMatchObject({ victimMemcg: memcgs.path("service"), action: "wider" });
    await until("the supervisor is dead", () => inside.signalCode === "SIGKILL");
    await until("its memcg is empty", () => memcgs.read("service", "cgroup.procs") === "");
    const kills = (await daemon.event("kill", 6)).map(({ victims }) => victims.length);
    expect(kills.slice(0, 5)).toEqual([1, 1, 1, 1, 1]);
    expect(kills[5]).toBe(2);
    expect(bystander.signalCode).toBeNull();
    expect(memcgs.kernelKills()).toBe(0);
    await replaysToItself(daemon);
  });

  test("hand-back: while the lowest is started again and again for nothing, the kernel takes the largest", async () => {
    await guard("hand-back", `memcgs: { ${memcgs.path("service")}: { badness: 100 } }`);
    memcgs.limit("", 90);
    const hog = await memcgs.hold("other", 50);
    supervise(`exec ${process.execPath} ${HOG} hold 40`);
    const [livelock] = await daemon.event("livelock");
    expect(livelock).toMatchObject({ victimMemcg: memcgs.path("service"), action: "hand-back" });
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    const killed = (await daemon.eventsOf("kill")).flatMap(({ victims }) => victims.map(({ pid }) => pid));
    expect(killed).not.toContain(hog.pid);
    expect(memcgs.kernelKills()).toBeGreaterThan(0);
    expect(await daemon.eventsOf("delay-expired")).toEqual([]);
    await until("it is held off again", () => memcgs.oomControl("", "oom_kill_disable") === 1);
  });

  test("hand-back: who is protected lives, though nobody may lower its oom_score_adj, and all have theirs back", async () => {
    const rules = [`${memcgs.path("service")}: { badness: 100 }`, `${memcgs.path("safe")}: { badness: never }`];
    memcgs.make("safe");
    await guard("hand-back", `memcgs: { ${rules.join(", ")} }`);
    memcgs.limit("", 150);
    const safe = await memcgs.hold("safe", 60);
    const others = await Promise.all([30, 8].map((mib) => memcgs.hold("other", mib)));
    const own = readOomScoreAdj(safe.pid ?? 0);
    supervise(`exec ${process.execPath} ${HOG} hold 60`);
    await daemon.event("livelock");
    await until("the kernel has killed", () => memcgs.kernelKills() > 0);
    await until("it is held off again", () => memcgs.oomControl("", "oom_kill_disable") === 1);
    supervisor?.kill("SIGKILL");
    expect(safe.signalCode).toBeNull();
    const living = () => [safe, ...others].filter(({ signalCode }) => signalCode === null);
    await until("all have theirs back", () => living().every(({ pid }) => readOomScoreAdj(pid ?? 0) === own));
  });

  test("workers that die one after the other of one OOM are none", async () => {
    await guard("report", `memcgs: { ${memcgs.path("service")}: { badness: 100 } }`);
    for (let n = 0; n < 8; n++) memcgs.spawn("service", "sleep", "1000");
    const listed = () => memcgs.read("service", "cgroup.procs").split("\n").filter(Boolean).length;
    await until("they are there", () => listed() === 8);
    const hog = memcgs.burst("other");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    expect((await daemon.event("kill", 9)).length).toBe(9);
    await sleep(100);
    expect(await daemon.eventsOf("livelock")).toEqual([]);
  });
});
