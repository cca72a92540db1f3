import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SetEntry } from "../../src/badness/set-entry.ts";
import { ask } from "../../src/control/client.ts";
import { readRelative } from "../../src/kernel/family.ts";
import { ctlAsUser, openTo, shAsUser, USER } from "../support/as-user.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`the badness of single processes (${reason ?? "live"})`, () => {
  let daemon: TestDaemon;
  let memcgs: TestMemcgs;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    memcgs = new TestMemcgs(120);
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`], `processes: [{ match: { comm: tail }, badness: 3000 }]`);
    openTo(daemon);
    await daemon.start();
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await daemon.clean();
    await memcgs.clean();
  });

  function keep(child: ChildProcess): ChildProcess {
    children.push(child);
    return child;
  }
  /** Prints pids, a line each, and resolves to the first `count`. */
  async function pidsOf(child: ChildProcess, count: number): Promise<number[]> {
    let text = "";
    keep(child).stdout?.on("data", (chunk) => {
      text += chunk;
    });
    await until(`${count} pids`, () => text.split("\n").length > count);
    return text.split("\n").slice(0, count).map(Number);
  }
  const sh = (script: string) => spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
  const sleeper = () => keep(spawn("sleep", ["1000"])).pid ?? 0;
  const get = async (pid: number) => (await ask(daemon.runtimeDir, `/processes?pid=${pid}`)) as { badness: number };
  const badnessOf = async (pid: number) => (await get(pid)).badness;
  const entries = async () => ((await ask(daemon.runtimeDir, "/processes")) as { processes: SetEntry[] }).processes;
  const set = (pid: number, badness: number | string) => ask(daemon.runtimeDir, "/processes", { pid, badness });

  test("decides who dies, and explain and snapshot know it", async () => {
    memcgs.make("a");
    const small = await memcgs.hold("a", 10);
    const hog = await memcgs.hold("a", 40);
    expect(daemon.ctl("set", "--pid", `${small.pid}`, "100").code).toBe(0);
    expect(JSON.parse(daemon.ctl("explain", memcgs.top, "--json").stdout).victim.pid).toBe(small.pid);
    expect(daemon.ctl("snapshot", memcgs.top).stdout).toMatch(new RegExp(`"pid":${small.pid},.*"badness":100,`));
    hog.stdin?.write("80\n");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([small.pid]);
  });

  test("an ordinary user lowers their own processes, and no more", async () => {
    const [own = 0] = await pidsOf(shAsUser("echo $$; exec sleep 1000"), 1);
    const ruled = keep(spawn("tail", ["-f", "/dev/null"], { uid: USER })).pid ?? 0;
    await until("it is tail", () => readFileSync(`/proc/${ruled}/comm`, "utf8") === "tail\n");
    const stranger = sleeper();
    const attempts: [number, string, number][] = [
      [own, "5001", 77],
      [own, "never", 77],
      [own, "5000", 0],
      [own, "4000", 0],
      [own, "4001", 77],
      [own, "default", 77],
      [own, "0", 0],
      [ruled, "3001", 77],
      [ruled, "2999", 0],
      [stranger, "5000", 77],
      [stranger, "0", 77],
      [process.pid, "0", 77],
      [1, "0", 77],
      [own, "-1", 2],
      [own, "10001", 2],
      [own, "1e3", 2],
      [own, "", 2],
    ];
    for (const [pid, value, code] of attempts) {
      expect({ pid, value, ...ctlAsUser(daemon, "set", "--pid", `${pid}`, value) }).toMatchObject({ pid, value, code });
    }
    expect(await Promise.all([own, ruled, stranger, 1].map(badnessOf))).toEqual([0, 2999, 5000, 5000]);
    expect(daemon.ctl("set", "--pid", `${own}`, "never").code).toBe(0);
    expect(await badnessOf(own)).toBe(10_000);
  });

  test("what a user sets does not hold a process above a rule that comes to apply", async () => {
    const [pid = 0] = await pidsOf(shAsUser("echo $$; read line; exec tail -f /dev/null"), 1);
    expect(ctlAsUser(daemon, "set", "--pid", `${pid}`, "4999").code).toBe(0);
    expect(await badnessOf(pid)).toBe(4999);
    children[0]?.stdin?.write("\n");
    await until("the rule applies", async () => (await badnessOf(pid)) === 3000);
  });

  test("is inherited over fork and exec, by orphans too, and not by those who were there before", async () => {
    const script = `
      sleep 1000 & echo $!; echo $$; read line
      sleep 1001 & echo $!
      (sleep 1002 & echo $!)
      (sh -c '(sleep 1003 & echo $!) & wait')
      sleep 1004`;
    const child = sh(script);
    const [before = 0, top = 0] = await pidsOf(child, 2);
    await sleep(20);
    await set(top, 100);
    child.stdin?.write("\n");
    const all = await pidsOf(child, 3);
    expect(await badnessOf(before)).toBe(5000);
    for (const pid of all)
      expect(await get(pid)).toEqual({ pid, badness: 100, source: `set --pid, inherited from ${top}` });
    await set(top, 200);
    expect(await Promise.all(all.map(badnessOf))).toEqual([100, 100, 100]);
    child.kill("SIGKILL");
    await until("its parent is gone", () => readRelative(all[0] ?? 0)?.ppid !== top);
    expect(await Promise.all(all.map(badnessOf))).toEqual([100, 100, 100]);
    for (const { pid } of [{ pid: before }, ...(await entries())]) end(pid);
    await until("all are forgotten", async () => (await entries()).length === 0);
  });

  test("a restart forgets nothing, and a pid that is another's by then has nothing", async () => {
    const [kept, reused] = [sleeper(), sleeper()];
    await set(kept, 100);
    await set(reused, 200);
    daemon.signal("SIGKILL");
    await until("it is gone", () => daemon.hasEnded);
    process.kill(reused, "SIGKILL");
    await until("the pid is free", () => !existsSync(`/proc/${reused}`));
    bearAs(reused);
    await daemon.start();
    expect([await badnessOf(kept), await badnessOf(reused)]).toEqual([100, 5000]);
    await set(reused, 300);
    process.kill(reused, "SIGKILL");
    await until("the pid is free", () => !existsSync(`/proc/${reused}`));
    bearAs(reused);
    expect(await badnessOf(reused)).toBe(5000);
    process.kill(reused, "SIGKILL");
  });

  test("a broken file is set aside", async () => {
    await daemon.stop();
    writeFileSync(`${daemon.runtimeDir}/processes.json`, `{"version":1,"bootId":"x","processes":[{"pid":-1}]}`);
    await daemon.start();
    expect((await daemon.eventsOf("fault")).map(({ what }) => what).join()).toMatch(
      /processes\.json is broken and set aside/,
    );
    expect(await entries()).toEqual([]);
    expect(existsSync(`${daemon.runtimeDir}/processes.json.broken`)).toBe(true);
  });

  test("nobody is nobody, a thread is none, and what is no request is refused", async () => {
    const bodies: [unknown, number][] = [
      [{ pid: 4_000_000, badness: 1 }, 404],
      [{ pid: 0, badness: 1 }, 400],
      [{ pid: -1, badness: 1 }, 400],
      [{ pid: 1.5, badness: 1 }, 400],
      [{ pid: "1", badness: 1 }, 400],
      [{ pid: 1, badness: "1" }, 400],
      [{ pid: 1, badness: 1.5 }, 400],
      [{ pid: 1, badness: -1 }, 400],
      [{ pid: 1, badness: null }, 400],
      [{ pid: 1 }, 400],
      [[], 400],
      ["x", 400],
      [null, 400],
    ];
    for (const [body, status] of bodies) {
      await expect(ask(daemon.runtimeDir, "/processes", body)).rejects.toMatchObject({ status });
    }
    await expect(ask(daemon.runtimeDir, "/processes?pid=x")).rejects.toMatchObject({ status: 400 });
    const thread = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8") === "" ? [] : tids();
    for (const tid of thread) await expect(set(tid, 1)).rejects.toMatchObject({ status: 404 });
  });

  test("get without a daemon, and set without one", async () => {
    await daemon.stop();
    expect(daemon.ctl("get", "--pid", `${process.pid}`)).toMatchObject({ code: 0, stdout: /default/ });
    expect(daemon.ctl("set", "--pid", `${process.pid}`, "1")).toMatchObject({ code: 1 });
  });
});

function tids(): number[] {
  const found = spawnSync("ls", [`/proc/${process.pid}/task`], { encoding: "utf8" }).stdout.split("\n");
  return found
    .filter(Boolean)
    .map(Number)
    .filter((tid) => tid !== process.pid)
    .slice(0, 1);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

/** A process with this very pid, out of the way of everybody else's. */
function bearAs(pid: number): void {
  const script = `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid; sleep 1000 >/dev/null 2>&1 & echo $!`;
  for (let tries = 0; tries < 200; tries++) {
    const born = Number(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout);
    if (born === pid) return;
    process.kill(born, "SIGKILL");
  }
  throw new Error(`no process could have pid ${pid}`);
}
