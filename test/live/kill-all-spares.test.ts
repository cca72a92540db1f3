import { spawn, spawnSync } from "node:child_process";
import { chownSync, renameSync, rmdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { whyNo } from "../support/cage.ts";
import { BADNESSCTL, isKilled, KillAllScene, SLEEP } from "../support/kill-all-scene.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const NOBODY = 65_534;

const reason = whyNotLive();

describe.skipIf(reason !== null)(`kill-all: who is spared, left or refused (${reason ?? "live"})`, () => {
  let scene: KillAllScene;

  beforeEach(() => {
    scene = new KillAllScene();
  });

  afterEach(() => scene.clean());

  test("stopped processes die", async () => {
    const child = scene.enter([scene.memcgs.directory()], ...SLEEP);
    await until("it is there", () => scene.pids().length === 1);
    child.kill("SIGSTOP");
    expect(await scene.killAll(scene.memcgs.top)).toMatchObject({ code: 0, report: { killed: 1, left: 0 } });
  });

  test.skipIf(whyNo("freezer") !== null)("frozen ones are left, with the reason, and die when thawed", async () => {
    const freezer = scene.cgroup("freezer");
    const child = scene.enter([scene.memcgs.directory(), freezer.directory], ...SLEEP);
    await until("it is there", () => scene.pids().length === 1 && freezer.pids.length === 1);
    freezer.write("freezer.state", "FROZEN");
    await until("it is frozen", () => freezer.read("freezer.state") === "FROZEN");
    const { code, stderr, report } = await scene.killAll(scene.memcgs.top);
    expect({ code, killed: report.killed, left: report.left }).toEqual({ code: 1, killed: 0, left: 1 });
    expect(stderr).toContain(`1 left: ${child.pid} (sleep, frozen in ${freezer.directory})`);
    freezer.write("freezer.state", "THAWED");
    await until("it dies", () => child.signalCode === "SIGKILL");
  });

  test("a memcg that is out of memory with the kernel's killer held off", async () => {
    scene.memcgs.make("a");
    scene.memcgs.limit("", 60);
    scene.memcgs.write("", "memory.oom_control", "1");
    const hogs = [scene.memcgs.grow("a"), scene.memcgs.grow("a")];
    await until("they wait", () => scene.memcgs.oomControl("", "under_oom") === 1);
    expect(await scene.killAll(scene.memcgs.top)).toMatchObject({ code: 0, report: { killed: 2, left: 0 } });
    await until("both were killed", () => hogs.every(isKilled));
    expect(scene.memcgs.oomControl("", "under_oom")).toBe(0);
    expect(scene.memcgs.kernelKills()).toBe(0);
  });

  test("who is protected is spared unless asked for, be it by rule, memcg or name", async () => {
    scene.memcgs.make("db/below", "web");
    scene.daemon.configure(
      [],
      `memcgs: { ${scene.memcgs.path("db")}: { badness: never } }
processes: [{ match: { comm: tail }, badness: never }]`,
    );
    await scene.daemon.start();
    const below = scene.enter([scene.memcgs.directory("db/below")], ...SLEEP);
    const web = scene.enter([scene.memcgs.directory("web")], ...SLEEP);
    const tail = scene.enter([scene.memcgs.directory("web")], "tail", "-f", "/dev/null");
    await until("all are there", () => scene.pids("web").length === 2 && scene.pids("db/below").length === 1);
    await until("tail is tail", () => scene.daemon.ctl("snapshot", scene.memcgs.top).stdout.includes("tail"));
    expect(await scene.killAll(scene.memcgs.top)).toMatchObject({ code: 0, report: { killed: 1, left: 0, spared: 2 } });
    expect([below, web, tail].map(isKilled)).toEqual([false, true, false]);
    expect(await scene.killAll(scene.memcgs.path("db/below"))).toMatchObject({ report: { killed: 0, spared: 1 } });
    const all = await scene.killAll(scene.memcgs.top, ["--include-protected"]);
    expect(all).toMatchObject({ code: 0, report: { killed: 2, left: 0, spared: 0 } });
  });

  test("one that has but threads in the memcg is spared, and dies with the memcg of its leader", async () => {
    const { memcgs } = scene;
    memcgs.make("a", "b");
    const split = await memcgs.odd("a", "threads", 5);
    memcgs.moveThreads(split, "b");
    const { code, report } = await scene.killAll(memcgs.path("b"));
    expect({ code, report }).toMatchObject({ code: 0, report: { killed: 0, left: 0, spared: 1 } });
    expect(report.sparedProcesses).toMatchObject([{ why: `has threads here, its leader is in ${memcgs.path("a")}` }]);
    expect(report.tookMs).toBeLessThan(1_000);
    expect(split.signalCode).toBeNull();
    expect(await scene.killAll(memcgs.top)).toMatchObject({ code: 0, report: { killed: 1, left: 0, spared: 0 } });
    await until("it is dead", () => isKilled(split));
  });

  test("badnessd and its failsafe are spared, whatever is asked for, though they are stopped", async () => {
    scene.daemon.configure([]);
    await scene.daemon.start();
    const { pid, failsafePid } = await scene.daemon.status();
    for (const own of [pid, failsafePid]) scene.memcgs.write("", "cgroup.procs", `${own}`);
    scene.daemon.signal("SIGSTOP");
    const args = ["--include-protected"];
    expect(await scene.killAll(scene.memcgs.top, args)).toMatchObject({
      code: 0,
      report: { killed: 0, left: 0, spared: 2 },
    });
    scene.daemon.signal("SIGCONT");
    expect((await scene.daemon.status()).failsafePid).toBe(failsafePid);
  });

  test("an owner empties what is theirs, and is told whom they cannot kill", async () => {
    scene.memcgs.make("theirs", "foreign");
    chownSync(scene.memcgs.directory("theirs"), NOBODY, NOBODY);
    const own = spawn(SLEEP[0] ?? "", SLEEP.slice(1), { uid: NOBODY, gid: NOBODY, stdio: "ignore" });
    const roots = scene.enter([scene.memcgs.directory("theirs")], ...SLEEP);
    scene.children.push(own);
    scene.memcgs.write("theirs", "cgroup.procs", `${own.pid}`);
    await until("both are there", () => scene.pids("theirs").length === 2);
    const first = await scene.killAll(scene.memcgs.path("theirs"), [], NOBODY);
    expect(first).toMatchObject({ code: 1, report: { killed: 1, left: 1, leftProcesses: [{ why: "EPERM" }] } });
    expect([own, roots].map(isKilled)).toEqual([true, false]);
    roots.kill("SIGKILL");
    await until("it is empty", () => scene.pids("theirs").length === 0);
    expect(await scene.killAll(scene.memcgs.path("theirs"), [], NOBODY)).toMatchObject({
      code: 0,
      report: { left: 0 },
    });
    expect(await scene.killAll(scene.memcgs.path("foreign"), [], NOBODY)).toMatchObject({ code: 77 });
  });

  test("an interruption ends it, and puts the limit back", async () => {
    const [freezer, pidsCgroup] = [scene.cgroup("freezer"), scene.cage(true)];
    scene.enter([scene.memcgs.directory(), freezer.directory], ...SLEEP);
    await until("it is there", () => freezer.pids.length === 1);
    freezer.write("freezer.state", "FROZEN");
    const args = [BADNESSCTL, "kill-all", scene.memcgs.top, "--runtime-dir", scene.daemon.runtimeDir];
    const command = spawn(process.execPath, args, { stdio: "ignore" });
    await until("the limit is shut", () => pidsCgroup.read("pids.max") === "0");
    command.kill("SIGINT");
    await new Promise((resolve) => command.once("exit", resolve));
    expect(command.exitCode).toBe(1);
    expect(pidsCgroup.read("pids.max")).toBe("100");
  });

  test("a memcg that is renamed meanwhile is not taken for empty", async () => {
    scene.memcgs.make("a");
    const [freezer, , pidsCgroup] = [
      scene.cgroup("freezer"),
      scene.cgroup("pids"),
      scene.cgroup("pids", scene.memcgs.path("a")),
    ];
    scene.enter([scene.memcgs.directory("a"), freezer.directory], ...SLEEP);
    await until("it is there", () => freezer.pids.length === 1);
    freezer.write("freezer.state", "FROZEN");
    const result = scene.killAll(scene.memcgs.path("a"));
    await until("it has begun", () => pidsCgroup.read("pids.max") === "0");
    renameSync(scene.memcgs.directory("a"), scene.memcgs.directory("b"));
    const { code, stderr } = await result;
    expect(code).toBe(1);
    expect(stderr).toContain("it was given another name meanwhile");
  });

  test("a memcg that is removed meanwhile is empty", async () => {
    scene.memcgs.make("a");
    const child = scene.enter([scene.memcgs.directory("a")], ...SLEEP);
    await until("it is there", () => scene.pids("a").length === 1);
    child.once("exit", () => rmdirSync(scene.memcgs.directory("a")));
    expect(await scene.killAll(scene.memcgs.path("a"))).toMatchObject({ code: 0, report: { killed: 1, left: 0 } });
  });

  test.each([
    ["the root", () => "/", 2],
    ["..", () => `${scene.memcgs.top}/../x`, 2],
    ["one that is gone", () => scene.memcgs.path("gone"), 1],
  ])("refuses %s", async (_, memcg, code) => {
    expect(await scene.killAll(memcg())).toMatchObject({ code, report: {} });
  });

  test("refuses a timeout that is none", async () => {
    for (const text of ["0", "-1", "1.5", "x", "1e9"]) {
      expect((await scene.killAll(scene.memcgs.top, ["--timeout", text])).code).toBe(2);
    }
  });

  test("refuses the memcg it runs in", () => {
    const script = 'echo $$ > "$0"/cgroup.procs && shift; "$@"; echo $?';
    const args = [
      "-c",
      script,
      scene.memcgs.directory(),
      "sh",
      process.execPath,
      BADNESSCTL,
      "kill-all",
      scene.memcgs.top,
    ];
    const { stdout, stderr } = spawnSync("sh", args, { encoding: "utf8" });
    expect(stdout.trim()).toBe("1");
    expect(stderr).toContain("badnessctl runs in it");
  });
});
