import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { whyNotLive } from "../support/memcgs.ts";
import { DELAY_MS, LIMIT_MIB, OwnerScene } from "../support/owner-scene.ts";
import { whyNoTenant } from "../support/tenant.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNoTenant();

describe.skipIf(reason !== null)(
  `handlers and hooks of the policy files come before a kill (${reason ?? "live"})`,
  () => {
    let scene: OwnerScene;
    beforeEach(() => {
      scene = new OwnerScene();
    });
    afterEach(() => scene.clean());

    test("their handler in a policy file frees memory", async () => {
      const plea = `${scene.daemon.directory}/plea`;
      await scene.start(`handler: { command: "cat >${plea}; rm ${scene.file.path}" }`);
      const hog = await scene.runOut();
      await scene.lives(hog);
      const { decision, ...told } = JSON.parse(readFileSync(plea, "utf8"));
      expect(told).toMatchObject({ memcg: scene.memcgs.path("mine"), victim: { pid: hog.pid } });
      expect(decision).toMatchObject({ victim: { pid: hog.pid }, levels: [{ memcg: scene.memcgs.top }, {}, {}] });
      expect((await scene.relief())[0]).toMatchObject({ by: "handler", of: scene.memcgs.path("mine"), relieved: true });
    });

    test("a hook frees memory: nobody dies", async () => {
      await scene.start(`preKill: { command: "rm ${scene.file.path}" }`);
      const hog = await scene.runOut();
      await scene.lives(hog);
      expect((await scene.relief())[0]).toMatchObject({
        by: "pre-kill",
        of: scene.memcgs.path("mine"),
        relieved: true,
      });
    });

    test("a hook that hangs is killed with all it has started, and the victim dies", async () => {
      const pids = `${scene.daemon.directory}/pids`;
      await scene.start(`preKill: { command: "sleep 1000 & echo $! >${pids}; sleep 1000", timeoutMs: 700 }`);
      const afterMs = await scene.killedAfterMs(await scene.runOut());
      expect(afterMs).toBeGreaterThan(650);
      expect(afterMs).toBeLessThan(DELAY_MS - 1_000);
      expect(await scene.relief()).toMatchObject([{ by: "pre-kill", outcome: "timed out", windowMs: 700 }]);
      const pid = Number(readFileSync(pids, "utf8"));
      await until("what it has started is gone", () => !existsSync(`/proc/${pid}`));
    });

    test("a hook with more time than there is never goes beyond the delay", async () => {
      await scene.start(`preKill: { command: "sleep 1000" }`, "oom.delay_ms = 1000");
      const hog = await scene.runOut();
      expect(await scene.killedAfterMs(hog)).toBeLessThan(1_000);
      expect(await scene.daemon.eventsOf("delay-expired")).toEqual([]);
    });

    test("a hook that fails, or cannot be run, keeps nobody waiting", async () => {
      await scene.start(`preKill: { command: "echo no >&2; exit 7" }`);
      expect(await scene.killedAfterMs(await scene.runOut())).toBeLessThan(3_000);
      expect(await scene.relief()).toMatchObject([{ outcome: "failed", detail: "exit code 7: no" }]);
    });

    test("the chosen one dies meanwhile and the memcg is still full: somebody else is chosen", async () => {
      const { memcgs, daemon } = scene;
      const runs = `${daemon.directory}/runs`;
      const chosen = memcgs.spawn("mine/web", "sleep", "1000");
      await scene.start(`badness: 1, preKill: { command: "echo x >>${runs}; kill -9 ${chosen.pid}; exit 1" }`);
      const hog = await memcgs.hold("other", 5);
      memcgs.overfill(hog, 20);
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
      const kills = await daemon.event("kill");
      expect(kills.map(({ victims, missed }) => [victims.map(({ pid }) => pid), missed])).toEqual([[[hog.pid], []]]);
      expect(chosen.signalCode).toBe("SIGKILL");
      expect(readFileSync(runs, "utf8")).toBe("x\n");
    });

    test("badnessd is killed while it waits for a hook: the kernel's killer is back within a second", async () => {
      await scene.start(`preKill: { command: "sleep 5" }`);
      const hog = await scene.runOut();
      await scene.daemon.event("oom");
      scene.daemon.signal("SIGKILL");
      await until("the kernel has killed", () => hog.signalCode === "SIGKILL", 1_500);
      await until("it is held off no longer", () => scene.memcgs.oomControl("", "oom_kill_disable") === 0);
    });

    test("badnessd is stopped while it waits for a hook: the hook is killed", async () => {
      const pidFile = `${scene.daemon.directory}/pid`;
      await scene.start(`preKill: { command: "echo $$ >${pidFile}; sleep 1000" }`);
      await scene.runOut();
      await until("the hook runs", () => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
      expect(await scene.daemon.stop()).toBe(0);
      await until("it is gone", () => !existsSync(`/proc/${Number(readFileSync(pidFile, "utf8"))}`));
    });

    test("a dry run runs nothing and turns to nobody", async () => {
      await scene.start(`preKill: { command: "rm ${scene.file.path}" }`, "oom.dry_run = 1", "oom.relief = lend:64M");
      const { lines } = await scene.listen("mine", "rm", scene.file.path);
      const hog = await scene.runOut();
      await until("the kernel has killed", () => hog.signalCode === "SIGKILL");
      await scene.daemon.event("kernel-kill");
      expect([scene.file.isThere, lines(), await scene.daemon.eventsOf("relief")]).toEqual([true, [], []]);
      expect(scene.memcgs.read("", "memory.limit_in_bytes").trim()).toBe(`${LIMIT_MIB * 2 ** 20}`);
    });
  },
);
