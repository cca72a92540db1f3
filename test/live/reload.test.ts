import { chownSync, renameSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../src/control/client.ts";
import { USER } from "../support/as-user.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`a configuration that changes (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs();
    memcgs.make("a", "b");
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const policyFile = () => `${daemon.directory}/policies/test.yaml`;
  const policy = (badness: string) => `memcgs: { ${memcgs.path("a")}: { badness: ${badness} } }\n`;
  const badnessOfA = () => Number(JSON.parse(daemon.ctl("get", memcgs.path("a"), "--json").stdout).badness);
  const armed = async () => (await daemon.status()).armed.map(({ memcg }) => memcg).sort();
  const isHeldOff = (name: string) => memcgs.oomControl(name, "oom_kill_disable") === 1;

  async function startWith(badness: string, ...conf: string[]): Promise<void> {
    daemon.configure([`oom.guard = ${memcgs.path("a")}`, ...conf], policy(badness));
    await daemon.start();
  }

  test("a policy file that is saved is in force, and what changed is said", async () => {
    await startWith("100");
    writeFileSync(policyFile(), policy("200"));
    const [changed] = await daemon.event("config");
    expect(changed?.changes).toEqual([`badness of ${memcgs.path("a")}: 100 → 200`]);
    expect(badnessOfA()).toBe(200);
  });

  test("a file that is put in the place of the old one counts, and an editor's draft beside it does not", async () => {
    await startWith("100");
    writeFileSync(`${policyFile()}.swp`, "no: [yaml");
    writeFileSync(`${daemon.directory}/policies/.test.yaml.draft`, policy("300"));
    renameSync(`${daemon.directory}/policies/.test.yaml.draft`, policyFile());
    await daemon.event("config");
    expect(badnessOfA()).toBe(300);
    expect(await daemon.eventsOf("fault")).toEqual([]);
  });

  test("a broken file changes nothing, and every fault has its place", async () => {
    await startWith("100");
    writeFileSync(policyFile(), policy("100x"));
    const [fault] = await daemon.event("fault");
    expect(fault?.what).toContain(`${policyFile()}:1:`);
    expect(badnessOfA()).toBe(100);
    expect(isHeldOff("a")).toBe(true);
  });

  test("a thousand saves end in the last one", async () => {
    await startWith("100");
    for (let count = 1; count <= 1_000; count++) writeFileSync(policyFile(), policy(`${count}`));
    await until("the last one holds", () => badnessOfA() === 1_000);
    expect((await daemon.eventsOf("config")).length).toBeLessThan(10);
  });

  test("another guard arms and disarms, and oom.enabled 0 leaves the kernel as it was", async () => {
    await startWith("100");
    const save = (...lines: string[]) => writeFileSync(daemon.configFile, `${lines.join("\n")}\n`);
    save(`oom.guard = ${memcgs.path("b")}`);
    await until("b is armed in the place of a", () => isHeldOff("b") && !isHeldOff("a"));
    save(`oom.guard = ${memcgs.path("*")}`, "oom.enabled = 0");
    await until("nothing is", async () => (await armed()).length === 0 && !isHeldOff("b"));
  });

  test("what sysctl -w sets holds until the files are read again", async () => {
    await startWith("100");
    expect(daemon.ctl("sysctl", "-w", `oom.guard=${memcgs.path("*")}`, "oom.delay_ms=700").code).toBe(0);
    await until("both are armed", async () => (await armed()).length === 2);
    expect((await daemon.status()).armed.map(({ delayMs }) => delayMs)).toEqual([700, 700]);
    expect(daemon.ctl("sysctl", "-w", "oom.delay_ms=x")).toMatchObject({ code: 1 });
    daemon.signal("SIGHUP");
    await until("the file holds again", async () => (await armed()).join() === memcgs.path("a"));
    expect(daemon.ctl("sysctl", "oom.delay_ms").stdout).toBe("oom.delay_ms = 10000\n");
  });

  test("what sysctl -w sets counts while a file is broken too, and what it cannot set is said in one line", async () => {
    await startWith("100");
    writeFileSync(policyFile(), "a: [yaml\nb: 1\n");
    await daemon.event("fault");
    expect(daemon.ctl("sysctl", "-w", "oom.delay_ms=700")).toEqual({
      code: 0,
      stdout: "oom.delay_ms = 700\n",
      stderr: "",
    });
    await until("it holds", async () => (await daemon.status()).armed[0]?.delayMs === 700);
    for (const [word, why] of [
      ["oom.delay_ms=x", /^badnessctl: sysctl -w:1:16: oom\.delay_ms: expected .*\n$/],
      ["oom.guard=a b", /^badnessctl: sysctl -w:1:13: .*; sysctl -w:1:15: .*\n$/],
      ["oom.policy=kernel", /^badnessctl: oom\.policy cannot be set while a file is broken: .*test\.yaml:2:.*\n$/],
      ["oom.policy_files=/no/*.yaml", /^$/],
    ] as const) {
      expect(daemon.ctl("sysctl", "-w", word).stderr).toMatch(why);
    }
    expect(badnessOfA()).toBe(5000);
  });

  test("what two set at the same time holds both", async () => {
    await startWith("100");
    const settings = [{ "oom.delay_ms": "700" }, { "oom.kmsg": "1" }, { "oom.delay_ms": "800" }];
    await Promise.all(settings.map((setting) => ask(daemon.runtimeDir, "/sysctl", setting)));
    expect(daemon.ctl("sysctl", "oom.delay_ms").stdout).toBe("oom.delay_ms = 800\n");
    expect(daemon.ctl("sysctl", "oom.kmsg").stdout).toBe("oom.kmsg = 1\n");
  });

  test("the log is written otherwise from the next line on", async () => {
    await startWith("100");
    expect(daemon.ctl("sysctl", "-w", "oom.log.format=json", "oom.log.level=debug").code).toBe(0);
    memcgs.make("c");
    expect(daemon.ctl("sysctl", "-w", `oom.guard=${memcgs.path("c")}`).code).toBe(0);
    await daemon.event("armed", 2);
    const lines = () => daemon.stderr.split("\n").filter((line) => line.startsWith("{"));
    await until("it is said", () => lines().some((line) => line.includes('"armed"')));
    const said = lines().map((line) => JSON.parse(line) as { level: string; event: unknown });
    expect(said).toContainEqual(
      expect.objectContaining({ level: "debug", event: expect.objectContaining({ memcg: memcgs.path("c") }) }),
    );
  });

  test("an ordinary user runs it for memcgs whose control files are theirs", async () => {
    daemon.configure([`oom.guard = ${memcgs.path("a")}`]);
    for (const path of [daemon.directory, daemon.configFile, policyFile()]) chownSync(path, USER, USER);
    chownSync(`${daemon.directory}/policies`, USER, USER);
    daemon.wrapper = ["setpriv", `--reuid=${USER}`, "--clear-groups"];
    const refused = daemon.launch("--check");
    await until("it says no", () => refused.exitCode !== null);
    expect(refused.exitCode).toBe(77);
    for (const file of ["memory.oom_control", "cgroup.event_control"]) {
      chownSync(`${memcgs.directory("a")}/${file}`, USER, USER);
    }
    await daemon.start();
    expect(isHeldOff("a")).toBe(true);
    expect(await daemon.stop()).toBe(0);
    expect(isHeldOff("a")).toBe(false);
  });
});
