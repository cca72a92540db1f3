import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`oom.on_kill (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(60);
    memcgs.make("a");
    daemon = new TestDaemon();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const configure = (command: string, ...more: string[]) =>
    daemon.configure([`oom.guard = ${memcgs.top}`, `oom.on_kill = ${command}`, ...more]);

  /** A process that grows until it is killed; resolves then. */
  async function dieInA(): Promise<number | undefined> {
    const hog = memcgs.grow("a");
    await until("it is dead", () => hog.signalCode === "SIGKILL");
    return hog.pid;
  }

  /** Each run leaves what it read in a file of its own. */
  const save = () => `f=${daemon.directory}/told-$$ && cat > $f.part && mv $f.part $f`;
  const told = () =>
    readdirSync(daemon.directory)
      .filter((name) => /^told-\d+$/.test(name))
      .map((name) => JSON.parse(readFileSync(`${daemon.directory}/${name}`, "utf8")));

  test("a kill is told as the event that it is, with the reason of the decision", async () => {
    configure(`${save()} && cat /proc/self/cgroup > ${daemon.directory}/cgroup`);
    await daemon.start();
    const pid = await dieInA();
    await until("it is told", () => told().length > 0);
    const [kill] = await daemon.event("kill");
    const [decision] = await daemon.event("decision");
    const { policy, explanation, snapshot } = decision ?? {};
    expect(told()).toEqual([{ ...kill, policy, explanation, snapshot }]);
    expect(kill?.victims).toMatchObject([{ pid }]);
    expect(daemon.ctl("explain", "--snapshot", told()[0].snapshot).code).toBe(0);
    // It waits for nobody's memory: it is where badnessd is, and that is where nothing is held off.
    await until("it has ended", () => readdirSync(daemon.directory).includes("cgroup"));
    const own = readFileSync(`/proc/${(await daemon.status()).pid}/cgroup`, "utf8");
    expect(readFileSync(`${daemon.directory}/cgroup`, "utf8")).toBe(own);
    expect(own).not.toContain(memcgs.top);
  });

  test("one that hangs is killed in time, and holds up no kill meanwhile", async () => {
    configure(`echo $$ >> ${daemon.directory}/pids; sleep 1000`, "oom.on_kill_timeout_ms = 1500");
    await daemon.start();
    for (let count = 0; count < 6; count++) await dieInA();
    for (const { tookMs } of await daemon.event("relieved", 6)) expect(tookMs).toBeLessThan(1_000);
    const told = async () => (await daemon.event("fault", 6)).filter(({ what }) => what.includes("on_kill"));
    await until("all are told", async () => (await told()).length >= 6, 30_000);
    expect(new Set((await told()).map(({ what }) => what))).toEqual(new Set(["oom.on_kill: killed after 1500 ms"]));
    const pids = readFileSync(`${daemon.directory}/pids`, "utf8").trim().split("\n").map(Number);
    expect(pids).toHaveLength(6);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("a dry run runs nothing, not even for the kernel's kill; a kill in earnest does", async () => {
    configure(save(), "oom.dry_run = 1");
    await daemon.start();
    await dieInA();
    await until("the kernel's kill is told", async () => (await daemon.eventsOf("kernel-kill")).length > 0);
    expect(daemon.ctl("sysctl", "-w", "oom.dry_run=0").code).toBe(0);
    await until("it is armed", () => memcgs.oomControl("", "oom_kill_disable") === 1);
    const pid = await dieInA();
    await until("it is told", () => told().length > 0);
    expect(told()).toMatchObject([{ type: "kill", dryRun: false, victims: [{ pid }] }]);
  });

  test("when the delay is over and the kernel kills, that is told", async () => {
    daemon.configure(
      [`oom.guard = ${memcgs.top}`, "oom.delay_ms = 200", `oom.on_kill = ${save()}`],
      `processes: [{ match: { memcg: ${memcgs.path("a")} }, badness: never }]`,
    );
    await daemon.start();
    await dieInA();
    await until("it is told", () => told().length > 0);
    expect(told()).toMatchObject([{ type: "kernel-kill", cause: "memcg", memcg: memcgs.path("a") }]);
  });

  test("a failure is said in one line of the log, and sysctl -w can mend it", async () => {
    configure("echo cannot; echo cannot >&2; exit 5");
    await daemon.start();
    await dieInA();
    await until("it is said", () => daemon.stderr.includes("oom.on_kill: exit code 5: cannot\n"));
    expect(daemon.ctl("sysctl", "-w", `oom.on_kill=${save()}`).code).toBe(0);
    expect(daemon.ctl("sysctl", "oom.on_kill").stdout).toBe(`oom.on_kill = ${save()}\n`);
    await dieInA();
    await until("it is told", () => told().length > 0);
  });
});
