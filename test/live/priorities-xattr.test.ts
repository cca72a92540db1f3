import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();
/** A change is in force for an OOM that begins so much later. */
const IN_FORCE_MS = 100;

describe.skipIf(reason !== null)(`priorities in xattrs (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(60);
    memcgs.make("a", "b");
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const start = (policy = "", ...conf: string[]) => {
    daemon.configure([`oom.guard = ${memcgs.top}`, ...conf], policy);
    return daemon.start();
  };
  const set = (name: string, ...args: string[]) => {
    expect(daemon.ctl("set", memcgs.path(name), ...args)).toMatchObject({ code: 0, stderr: "" });
  };
  const get = (name: string) => JSON.parse(daemon.ctl("get", memcgs.path(name), "--json").stdout);
  const pidsOfKill = async (index: number) =>
    (await daemon.event("kill", index + 1))[index]?.victims.map(({ pid }) => pid);

  test("root's decides, and one that is changed is in force at once", async () => {
    set("a", "100");
    await start();
    for (const [round, first, second] of [
      [1, "a", "b"],
      [2, "b", "a"],
      [3, "a", "b"],
    ] as const) {
      const small = await memcgs.hold(first, 5);
      set(first, "100");
      set(second, "default");
      await sleep(IN_FORCE_MS);
      const hog = memcgs.burst(second);
      await until("the small one dies", () => small.signalCode === "SIGKILL");
      expect(await pidsOfKill(round * 2 - 2)).toEqual([small.pid]);
      await until("and then the other", () => hog.signalCode === "SIGKILL");
      await daemon.event("relieved", round);
    }
    expect(await replaysToItself(daemon)).toBe(6);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("one that appears later counts as it was set", async () => {
    await start();
    memcgs.make("late/x");
    set("late", "100", "--kill", "group");
    const holders = [await memcgs.hold("late", 3), await memcgs.hold("late/x", 3)];
    memcgs.burst("b");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid).sort()).toEqual(holders.map(({ pid }) => pid).sort());
  });

  test("trusted comes before the policy files, and those before user", async () => {
    await start(`memcgs: { ${memcgs.path("a")}: { badness: 7 } }`);
    const warned = daemon.ctl("set", memcgs.path("a"), "6", "--user");
    expect(warned).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^badnessctl: warning: .*test\.yaml:1 says 7\n$/),
    });
    expect(get("a")).toMatchObject({ badness: 7, badnessFrom: expect.stringMatching(/test\.yaml:1$/) });
    set("a", "5");
    expect(get("a")).toMatchObject({ badness: 5, badnessFrom: "trusted.oom_badness" });
    expect(get("b")).toMatchObject({ badness: 5000, badnessFrom: "default", ignored: [] });
    set("b", "never", "--user", "--delay-ms", "20");
    expect(get("b")).toMatchObject({ badness: 10_000, badnessFrom: "user.oom_badness", delayMs: 20, kill: "process" });
  });

  test("a delay reaches the handler and its failsafe, and again when it is taken away", async () => {
    await start();
    const delayMs = async () => (await daemon.status()).armed.map((armed) => armed.delayMs);
    set("", "--delay-ms", "20000");
    await until("it is longer", async () => (await delayMs())[0] === 20_000, 1_000);
    set("", "--delay-ms", "default");
    await until("it is what it was", async () => (await delayMs())[0] === 10_000, 1_000);
    set("", "--delay-ms", "300");
    await until("it is shorter", async () => (await delayMs())[0] === 300, 1_000);
    daemon.signal("SIGSTOP");
    const hog = memcgs.burst("a");
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 3_000);
  });

  test("a value that means nothing is ignored, said once, and shown", async () => {
    await start();
    const { writeXattr } = await import("../../src/kernel/xattr.ts");
    for (const value of ["5000 ", "lots", "5000 "]) {
      writeXattr(memcgs.directory("a"), "trusted.oom_badness", value);
      await sleep(IN_FORCE_MS);
    }
    const faults = (await daemon.events()).filter((event) => event.type === "fault");
    expect(faults.map((fault) => [fault.memcg, fault.what])).toEqual([
      [memcgs.path("a"), expect.stringContaining('"5000 "')],
      [memcgs.path("a"), expect.stringContaining('"lots"')],
    ]);
    expect(get("a").ignored).toEqual([
      { name: "trusted.oom_badness", value: "5000 ", reason: expect.stringContaining("0..10000") },
    ]);
    expect(daemon.ctl("tree", memcgs.top).stdout).toContain('trusted.oom_badness "5000 " is ignored: expected');
  });

  test.each([
    [["10001"], 2, /expected an integer 0\.\.10000/],
    [["-1"], 2, /-1/],
    [[""], 2, /got nothing/],
    [["5", "--kill", "all"], 2, /expected "process" or "group"/],
    [["--delay-ms", "1s"], 2, /expected milliseconds/],
    [["5", "--user", "--trusted"], 2, /exclude each other/],
    [[], 2, /name a value/],
  ])("set with %j ends with %i and writes nothing", (args, code, stderr) => {
    expect(daemon.ctl("set", memcgs.path("a"), ...args)).toMatchObject({ code, stderr: expect.stringMatching(stderr) });
    expect(get("a")).toMatchObject({ badnessFrom: "default", killFrom: "default", delayFrom: "default" });
  });

  test.each([
    ["/badnessd-test-gone", 1, /there is no memcg \/badnessd-test-gone/],
    ["/../etc", 2, /it holds \.\./],
    ["/a/..", 2, /it holds \.\./],
    ["/cgroup.procs", 1, /there is no memcg/],
  ])("set %s ends with %i", (memcg, code, stderr) => {
    for (const args of [
      ["set", memcg, "5"],
      ["get", memcg],
    ]) {
      expect(daemon.ctl(...args)).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(stderr) });
    }
  });
});
