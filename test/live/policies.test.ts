/** Policies at real OOMs. What is above and beside them is tried with strict-priority in the other files. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../src/control/client.ts";
import { KernelLog } from "../../src/kernel/kmsg.ts";
import { parseKilled } from "../../src/kernel/parse/oom-messages.ts";
import { readXattrs } from "../../src/kernel/xattr.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { type TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { PolicyScene } from "../support/policy-scene.ts";
import { replaysToItself } from "../support/replay.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`policies (${reason ?? "live"})`, () => {
  let scene: PolicyScene;
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    scene = new PolicyScene();
    ({ memcgs, daemon } = scene);
  });

  afterEach(() => scene.clean());

  test.each([
    ["size", {}],
    ["an oom_score_adj that outweighs size", { b: 600 }],
  ])("kernel: chooses whom the kernel itself kills, by %s", async (_, adj: Record<string, number>) => {
    const held = { a: await memcgs.hold("a", 100), b: await memcgs.hold("b", 50) };
    for (const name of ["a", "b"] as const) writeFileSync(`/proc/${held[name].pid}/oom_score_adj`, `${adj[name] ?? 0}`);
    const told = daemon.ctl("explain", memcgs.top, "--policy", "kernel", "--json");
    const { victim } = JSON.parse(told.stdout) as { victim: { pid: number } };
    // Before the memory of the first has come back, the kernel may kill a second: its first choice is what counts.
    const killed: number[] = [];
    const log = new KernelLog({
      onMessage: ({ text }) => void killed.push(...[parseKilled(text)?.pid ?? []].flat()),
      onLost: () => {},
    });
    const first = () => killed.find((pid) => pid === held.a.pid || pid === held.b.pid);
    memcgs.burst("hog");
    await until("the kernel has killed one", () => first() !== undefined).finally(() => log.close());
    expect(first()).toBe(victim.pid);
    expect(victim.pid).toBe(adj["b"] === undefined ? held.a.pid : held.b.pid);
  });

  test("kernel: under badnessd the same one dies, and the record says so again", async () => {
    await scene.guard("kernel");
    const large = await memcgs.hold("a", 70);
    await memcgs.hold("b", 25);
    memcgs.burst("hog");
    expect(await scene.victims()).toEqual([large.pid]);
    expect(await scene.decided()).toEqual(["kernel"]);
    expect(await replaysToItself(daemon)).toBe(1);
  });

  test("memory-size-or-growth: all of the largest memcg dies, and the kill is on record where oomd has it", async () => {
    await scene.guard("memory-size-or-growth", "oom.kmsg = 1");
    const both = [await memcgs.hold("a", 45), await memcgs.hold("a", 35)];
    await memcgs.hold("b", 15);
    memcgs.burst("hog");
    expect((await scene.victims()).sort()).toEqual(both.map(({ pid }) => pid).sort());
    expect(await replaysToItself(daemon)).toBe(1);
    const { values = new Map() } =
      readXattrs(memcgs.directory("a"), ["user.oomd_ooms", "user.oomd_kill", "user.oomd_kill_uuid"]) ?? {};
    expect(values.get("user.oomd_ooms")).toEqual({ text: "1" });
    expect(values.get("user.oomd_kill")).toEqual({ text: "2" });
    expect(values.get("user.oomd_kill_uuid")?.text).toMatch(/^[0-9a-f-]{36}$/);
    const line = `oomd kill: 0.00 0.00 0.00 ${memcgs.path("a")} `;
    expect(spawnSync("dmesg", { encoding: "utf8" }).stdout).toContain(line);
  });

  test("memory-size-or-growth: who has grown since badnessd looked goes before who is larger", async () => {
    await memcgs.hold("a", 80);
    await memcgs.hold("b", 5);
    await scene.guard("{ name: memory-size-or-growth, sizeThreshold: 100, growingSizePercentile: 0 }");
    await until("b is sampled", async () => {
      const samples = (await ask(daemon.runtimeDir, "/samples")) as Record<string, Record<string, number>>;
      return Object.values(samples).some((each) => typeof each[memcgs.path("b")] === "number");
    });
    const grown = await memcgs.hold("b", 40);
    memcgs.burst("hog");
    expect(await scene.victims()).toContain(grown.pid);
    const [decision] = await daemon.eventsOf("decision");
    expect(decision?.explanation).toMatch(/memcg b .*growing: \d\.\d\d times its average/);
    expect(await replaysToItself(daemon)).toBe(1);
  });

  test("oom.policy is set while badnessd runs, and refused where the kernel lacks what it needs", async () => {
    await scene.guard("strict-priority");
    expect(daemon.ctl("sysctl", "-w", "oom.policy=kernel dry=1").code).toBe(0);
    expect(daemon.ctl("sysctl", "oom.policy").stdout).toContain("kernel dry=1");
    expect(daemon.ctl("explain", memcgs.top, "--compare").stdout).toMatch(/^kernel {2,}.*\n(.*\n)*kernel dry=1 {2,}/m);
    const refused = daemon.ctl("sysctl", "-w", "oom.policy=pressure");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/sysctl -w:1:14: oom\.policy: policy pressure needs memory\.pressure/);
    expect(daemon.ctl("sysctl", "oom.policy").stdout).toContain("kernel dry=1");
  });

  test("a policy that this kernel cannot serve is a fault of the configuration, and badnessd does not start", async () => {
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs:\n  /jobs: { policy: pg-scan }\n`);
    const child = daemon.launch();
    await until("it has ended", () => daemon.hasEnded);
    expect(child.exitCode).toBe(78);
    expect(daemon.stderr).toMatch(/policies\/test\.yaml:2:20: policy pg-scan needs pgscan in memory\.stat/);
  });

  test("one that knows nobody is named in the decision that it did not make, once an OOM", async () => {
    await scene.guard("swap-usage");
    const first = await memcgs.hold("b", 20);
    memcgs.burst("hog");
    expect(await scene.victims()).toEqual([first.pid]);
    const [decision] = await daemon.eventsOf("decision");
    expect(decision?.policy).toBe("strict-priority");
    expect(decision?.explanation).toMatch(/^Policy swap-usage knows nobody to kill\.\nOut of memory: /);
    expect(daemon.stderr).toContain("Policy swap-usage knows nobody to kill.");
  });

  test("a rehearsal says whom it would have killed, once, and the next policy kills", async () => {
    await scene.guard("{ name: memory-size-or-growth, dry: 1 }");
    const large = await memcgs.hold("a", 100);
    const first = await memcgs.hold("b", 40);
    memcgs.burst("hog");
    const kills = await daemon.event("kill", 2);
    expect(kills.map(({ dryRun, victims: [victim] }) => [dryRun, victim?.pid]).sort()).toEqual([
      [false, first.pid],
      [true, large.pid],
    ]);
    expect(large.signalCode).toBeNull();
  });
});
