import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { UnderOomSampler } from "../support/sampler.ts";
import { Tenant, whyNoTenant } from "../support/tenant.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNoTenant();

/** `mine` is the tenant's, `other` is somebody else's, and both share the top's limit. */
describe.skipIf(reason !== null)(`an owner ranks inside their own subtree alone (${reason ?? "live"})`, () => {
  const tenant = new Tenant();
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(async () => {
    memcgs = new TestMemcgs(60);
    memcgs.make("mine/a", "mine/b", "other");
    tenant.own(memcgs.directory("mine"), memcgs.directory("mine/a"), memcgs.directory("mine/b"));
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`]);
    await daemon.start();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const set = (name: string, ...args: string[]) => tenant.ctl("set", memcgs.path(name), ...args);
  const get = (name: string) => JSON.parse(daemon.ctl("get", memcgs.path(name), "--json").stdout);
  const settle = () => sleep(100);
  /** The tenant has the larger process: by size it is the tenant's turn. */
  const fill = async (name: string) => {
    const hog = await memcgs.hold(name, 30);
    const small = await memcgs.hold("other", 3);
    return { hog, small, burst: memcgs.burst("other") };
  };
  const firstVictim = async () => (await daemon.event("kill"))[0]?.victims.map(({ pid }) => pid);

  test("their order counts below their own", async () => {
    expect(set("mine/b", "100")).toMatchObject({ code: 0, stderr: "" });
    await settle();
    const small = await memcgs.hold("mine/b", 3);
    const { hog } = await fill("mine/a");
    expect(await firstVictim()).toEqual([small.pid]);
    expect(hog.signalCode).toBeNull();
  });

  test("what they say about their own top does not, and everybody is told why", async () => {
    for (const args of [["never"], ["--kill", "process"], ["--delay-ms", "1"]]) {
      expect(set("mine", ...args).stderr).toMatch(
        /warning: user\.oom_\w+ ".*" is ignored: the memcg belongs to user 65534/,
      );
    }
    await settle();
    const { hog } = await fill("mine/a");
    expect(await firstVictim()).toEqual([hog.pid]);
    expect(get("mine")).toMatchObject({ badness: 5000, badnessFrom: "default", ignored: [{}, {}, {}] });
    for (const printed of [daemon.ctl("tree", memcgs.top).stdout, tenant.ctl("tree", memcgs.top).stdout]) {
      expect(printed).toContain("is ignored: the memcg belongs to user 65534 and its parent to user 0");
    }
  });

  test("protecting all that is theirs does not leave the dying to others", async () => {
    for (const name of ["mine/a", "mine/b"]) expect(set(name, "never").code).toBe(0);
    await settle();
    const { hog } = await fill("mine/a");
    expect(await firstVictim()).toEqual([hog.pid]);
  });

  test("but in an OOM of their own what they protect is spared", async () => {
    memcgs.limit("mine", 50);
    daemon.configure([`oom.guard = ${memcgs.path("mine")}`, "oom.delay_ms = 30000"]);
    await until("their own is guarded", async () => (await daemon.status()).armed[0]?.memcg === memcgs.path("mine"));
    expect(set("mine/a", "never").code).toBe(0);
    await settle();
    const spared = await memcgs.hold("mine/a", 25);
    const hog = memcgs.burst("mine/b");
    await until("the other dies", () => hog.signalCode === "SIGKILL");
    expect(spared.signalCode).toBeNull();
  });

  test("what is passed on to another is ranked by who passed it on", async () => {
    const guest = new Tenant(65_533);
    guest.own(memcgs.directory("mine/a"));
    expect(guest.ctl("set", memcgs.path("mine/a"), "9000").stderr).toContain(
      "is ignored: the memcg belongs to user 65533",
    );
    expect(get("mine/a").badness).toBe(5000);
    tenant.own(memcgs.directory("mine/a"));
    expect(get("mine/a").badness).toBe(9000);
    await settle();
    guest.own(memcgs.directory("mine"));
    await settle();
    // The daemon has heard of it, too: it says that the value of the child does not count any more.
    const faults = (await daemon.event("fault")).filter(({ memcg }) => memcg === memcgs.path("mine/a"));
    expect(faults.at(-1)?.what).toContain("belongs to user 65534 and its parent to user 65533");
  });

  test("they cannot set what is root's, nor what is somebody else's", () => {
    for (const [name, ...args] of [
      ["mine/a", "5", "--trusted"],
      ["other", "5"],
      ["", "5"],
    ] as const) {
      const { code, stderr } = set(name, ...args);
      expect([code, stderr.split("\n").length]).toEqual([77, 2]);
      expect(stderr).toMatch(/^badnessctl: cannot set \w+\.oom_badness of .*: (EPERM|EACCES)\n$/);
    }
  });

  test("renaming gains nothing, and what is renamed keeps its place", async () => {
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs: { ${memcgs.path("free")}: { badness: never } }`);
    set("mine/b", "100");
    await settle();
    const attempt = `for (const to of ["../free", "../mine/free"]) {
      try { fs.renameSync(directory, directory + "/" + to); } catch (error) { console.log(error.code); }
    }`;
    const { stdout } = tenant.run(attempt, memcgs.directory("mine"));
    expect(stdout.trim().split("\n")).toHaveLength(2);
    expect(tenant.run(`fs.renameSync(directory + "/b", directory + "/c")`, memcgs.directory("mine")).code).toBe(0);
    await settle();
    const small = await memcgs.hold("mine/c", 3);
    await fill("mine/a");
    expect(await firstVictim()).toEqual([small.pid]);
  });

  test("chmod 000 hides nothing", async () => {
    set("mine/b", "100");
    const small = await memcgs.hold("mine/b", 3);
    for (const name of ["mine/b", "mine"]) chmodSync(memcgs.directory(name), 0o000);
    await settle();
    await fill("mine/a");
    expect(await firstVictim()).toEqual([small.pid]);
    for (const name of ["mine", "mine/b"]) chmodSync(memcgs.directory(name), 0o755);
  });

  test("there is no way to put a symbolic link, a FIFO or a file there", () => {
    const attempt = `for (const make of [() => fs.symlinkSync("/", directory + "/l"), () => fs.writeFileSync(directory + "/f", "")])
      try { make(); } catch (error) { console.log(error.code); }`;
    expect(tenant.run(attempt, memcgs.directory("mine")).stdout.trim().split("\n")).toHaveLength(2);
  });

  test("a path of 8 KiB gains nothing", async () => {
    const dig = `process.chdir(directory);
      const name = "d".repeat(220);
      for (let level = 0; level < 40; level++) {
        fs.mkdirSync(name);
        process.chdir(name);
        writeXattr(".", "user.oom_badness", "never");
      }
      fs.writeFileSync("cgroup.procs", String(process.pid));
      globalThis.taken = Buffer.alloc(42 << 20, 1);
      console.log("ready");
      setInterval(() => {}, 1 << 30);`;
    const hog = tenant.start(dig, memcgs.directory("mine/a"));
    try {
      await new Promise((resolve) => hog.stdout?.once("data", resolve));
      await settle();
      memcgs.burst("other");
      expect(await firstVictim()).toEqual([hog.pid]);
      await until("it is dead", () => hog.signalCode === "SIGKILL");
    } finally {
      hog.kill("SIGKILL");
      await daemon.stop();
      spawnSync("find", [
        memcgs.directory("mine/a"),
        "-mindepth",
        "1",
        "-depth",
        "-type",
        "d",
        "-execdir",
        "rmdir",
        "{}",
        ";",
      ]);
    }
  });

  test("whoever sets xattrs without end holds nobody up", async () => {
    const storm = `let count = 0;
      const end = Date.now() + 4_000;
      for (; Date.now() < end; count++) writeXattr(directory + (count % 2 ? "/a" : "/b"), "user.oom_badness", count % 3 ? String(count % 10_000) : "x");
      console.log(count / 4);`;
    const storming = tenant.start(storm, memcgs.directory("mine"));
    let perSecond = "";
    storming.stdout?.on("data", (chunk) => {
      perSecond += chunk;
    });
    await sleep(1_000);
    expect(daemon.ctl("set", memcgs.path("other"), "1").code).toBe(0);
    await settle();
    const sampler = new UnderOomSampler(memcgs.directory());
    const hog = await memcgs.hold("mine/a", 30);
    const burst = memcgs.burst("other");
    await until("the one whom root has put first dies", () => burst.signalCode === "SIGKILL");
    expect(hog.signalCode).toBeNull();
    await daemon.event("relieved");
    sampler.stop();
    expect(sampler.longestMs).toBeLessThan(500);
    await until("the storm is over", () => storming.exitCode === 0);
    expect(Number(perSecond)).toBeGreaterThan(10_000);
    expect((await daemon.eventsOf("fault")).length).toBeLessThanOrEqual(10);
  });

  test("a delay that ends in the middle of an OOM lets no other memcg go", async () => {
    daemon.configure(
      [`oom.guard = ${memcgs.path("mine/a")} ${memcgs.path("other")}`],
      `processes: [{ match: { memcg: ${memcgs.path("mine/a")} }, badness: never }]`,
    );
    await until("both are guarded", async () => (await daemon.status()).armed.length === 2);
    memcgs.limit("mine/a", 30);
    memcgs.grow("mine/a");
    await daemon.event("no-victim");
    expect(set("mine/a", "--delay-ms", "0").code).toBe(0);
    const end = Date.now() + 1_500;
    await until("a while has passed", () => {
      expect(memcgs.oomControl("other", "oom_kill_disable")).toBe(1);
      return Date.now() > end;
    });
    expect(memcgs.oomControl("mine/a", "under_oom")).toBe(1);
  });
});
