import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { UnderOomSampler } from "../support/sampler.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();
/** OOMs in a row; more of them by hand. */
const ROUNDS = Number(process.env["BADNESSD_TEST_ROUNDS"] ?? 60);
const SIBLINGS = 8;

describe.skipIf(reason !== null)(`one kill for one OOM (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs();
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  test(`${ROUNDS} OOMs in a row: as many deaths, and every bystander lives`, async () => {
    memcgs.limit("", 40);
    memcgs.make("bystanders", "bursts");
    daemon.configure([`oom.guard = ${memcgs.top}`, "oom.delay_ms = 5000"]);
    await daemon.start();
    const bystanders = Array.from({ length: 5 }, () => memcgs.spawn("bystanders", "sleep", "1000"));
    const sampler = new UnderOomSampler(memcgs.directory());
    for (let round = 0; round < ROUNDS; round++) {
      const hog = memcgs.burst("bursts");
      await until("the hog dies", () => hog.signalCode !== null || hog.exitCode !== null);
      expect(hog.signalCode).toBe("SIGKILL");
    }
    sampler.stop();
    const kills = (await daemon.event("kill", ROUNDS)).flatMap(({ victims }) => victims);
    expect(kills.length).toBe(ROUNDS);
    expect(bystanders.every(({ signalCode, exitCode }) => signalCode === null && exitCode === null)).toBe(true);
    expect(memcgs.kernelKills()).toBe(0);
    expect(sampler.longestMs).toBeLessThan(1_000);
    await replaysToItself(daemon);
  });

  test("siblings that run out of memory at the same moment are each relieved by one kill of their own", async () => {
    const names = Array.from({ length: SIBLINGS }, (_, index) => `s${index}`);
    memcgs.make(...names);
    for (const name of names) memcgs.limit(name, 30);
    daemon.configure([`oom.guard = ${memcgs.path("*")}`]);
    await daemon.start();
    const innocent = names.map((name) => memcgs.spawn(name, "sleep", "1000"));
    const hogs = names.map((name) => memcgs.burst(name));
    await until("every hog is dead", () => hogs.every(({ signalCode }) => signalCode === "SIGKILL"));
    const kills = await daemon.event("kill", SIBLINGS);
    expect(kills.map(({ memcg }) => memcg).sort()).toEqual(names.map((name) => memcgs.path(name)).sort());
    expect(innocent.every(({ signalCode }) => signalCode === null)).toBe(true);
    expect(memcgs.kernelKills()).toBe(0);
    await replaysToItself(daemon);
  });

  test("a large victim with many threads dies alone, however long it takes", async () => {
    memcgs.limit("", 700);
    memcgs.make("first", "second");
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs: { ${memcgs.path("first")}: { badness: 100 } }`);
    await daemon.start();
    const large = await memcgs.odd("first", "threads", 500);
    const bystander = await memcgs.hold("first", 5);
    const hog = await memcgs.hold("second", 10);
    hog.stdin?.write("150");
    await until("the large one is dead", () => large.signalCode === "SIGKILL");
    await daemon.event("relieved");
    expect((await daemon.eventsOf("kill")).flatMap(({ victims }) => victims).length).toBe(1);
    expect([bystander.signalCode, hog.signalCode]).toEqual([null, null]);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("our count is the count of the deaths that were seen", async () => {
    memcgs.limit("", 60);
    memcgs.make("group", "other");
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs: { ${memcgs.path("group")}: { badness: 1, kill: group } }`);
    await daemon.start();
    const members = Array.from({ length: 40 }, () => memcgs.spawn("group", "sleep", "1000"));
    await until("all are in", () => pidCount(memcgs.directory("group")) === members.length);
    memcgs.burst("other");
    await until("the group is dead", () => members.every(({ signalCode }) => signalCode === "SIGKILL"));
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.length).toBe(members.length);
    expect(memcgs.kernelKills()).toBe(0);
    await replaysToItself(daemon);
  });
});

function pidCount(directory: string): number {
  return readFileSync(`${directory}/cgroup.procs`, "utf8").split("\n").filter(Boolean).length;
}
