import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readProcStat } from "../../src/kernel/process.ts";
import { whyNotLive } from "../support/memcgs.ts";
import { DELAY_MS, LIMIT_MIB, OwnerScene } from "../support/owner-scene.ts";
import { UnderOomSampler } from "../support/sampler.ts";
import { whyNoTenant } from "../support/tenant.ts";
import { sleep, until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNoTenant();

describe.skipIf(reason !== null)(
  `an owner who listens is told before anybody of theirs dies (${reason ?? "live"})`,
  () => {
    let scene: OwnerScene;
    beforeEach(() => {
      scene = new OwnerScene();
    });
    afterEach(() => scene.clean());

    test("their listener frees memory itself: nobody dies", async () => {
      await scene.start();
      const { lines } = await scene.listen("mine", "rm", scene.file.path);
      const hog = await scene.runOut();
      await scene.lives(hog);
      const told = JSON.parse(lines()[0] ?? "");
      expect(told).toMatchObject({
        type: "oom",
        memcg: scene.memcgs.path("mine"),
        oomMemcg: scene.memcgs.top,
        limitBytes: LIMIT_MIB * 2 ** 20,
        victim: { kind: "process", pid: hog.pid, memcg: scene.memcgs.path("mine/web") },
      });
      // In the whole of their delay, save what is left for the kill.
      expect(told.windowMs).toBeGreaterThan(DELAY_MS - 1_500);
      expect(told.windowMs).toBeLessThanOrEqual(DELAY_MS - 1_000);
      const [tried] = await scene.relief();
      expect(tried).toMatchObject({ by: "listener", of: scene.memcgs.path("mine"), relieved: true });
      expect(tried?.gainedBytes).toBeGreaterThan(0);
    });

    test("an OOM of their own limit, heard further down and further up", async () => {
      scene.memcgs.limit("mine", LIMIT_MIB - 20);
      await scene.start();
      await scene.listen("mine/web", "false");
      await scene.listen("mine", "rm", scene.file.path);
      await scene.file.fill(scene.memcgs, "mine", 60);
      const hog = await scene.memcgs.hold("mine/web", 5);
      scene.memcgs.overfill(hog, 0);
      await scene.lives(hog);
      expect((await scene.relief()).map(({ of }) => of).sort()).toEqual([
        scene.memcgs.path("mine"),
        scene.memcgs.path("mine/web"),
      ]);
    });

    test("their listener does nothing: they have their delay, and then somebody dies", async () => {
      await scene.start("delayMs: 1500");
      await scene.listen("mine", "sleep", "60");
      const afterMs = await scene.killedAfterMs(await scene.runOut());
      expect(afterMs).toBeGreaterThan(1_400);
      expect(afterMs).toBeLessThan(DELAY_MS - 1_000);
      expect(await scene.relief()).toMatchObject([
        { by: "listener", outcome: "timed out", windowMs: 1_500, relieved: false },
      ]);
      expect((await scene.daemon.eventsOf("decision"))[0]?.explanation).toContain(
        `Tried before:\n  listener of ${scene.memcgs.path("mine")}: timed out after `,
      );
    });

    test("a command of theirs that never ends is ended with its window, and with listen, and what it has started too", async () => {
      await scene.start("delayMs: 1500");
      const began = `${scene.daemon.directory}/began`;
      writeFileSync(began, "", { mode: 0o666 });
      chmodSync(began, 0o666);
      await scene.listen("mine", "sh", "-c", `sleep 60 & echo $! $$ >> ${began}; wait`);
      const pids = () => readFileSync(began, "utf8").split(/\s+/).filter(Boolean).map(Number);
      const areGone = (these: readonly number[]) => these.every((pid) => (readProcStat(pid)?.state ?? "Z") === "Z");
      const hog = await scene.runOut();
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
      await until("both are ended", () => pids().length === 2 && areGone(pids()));
      // Once more, in an OOM that is no longer the same.
      await sleep(DELAY_MS);
      scene.memcgs.overfill(await scene.memcgs.hold("mine/web", 5), 20);
      await until("it runs again", () => pids().length === 4);
      process.kill(scene.listeners[0]?.pid ?? 0, "SIGTERM");
      await until("both are ended with it", () => areGone(pids()));
    });

    test("their listener never ends, and the delay is over a kill later: the kernel's killer has nothing to do", async () => {
      await scene.start("", "oom.delay_ms = 1200");
      const sampler = new UnderOomSampler(scene.memcgs.directory());
      await scene.listen("mine", "sleep", "60");
      expect(await scene.killedAfterMs(await scene.runOut())).toBeLessThan(1_200);
      sampler.stop();
      expect(sampler.longestMs).toBeLessThan(2_200);
      expect(await scene.daemon.eventsOf("delay-expired")).toEqual([]);
    });

    test.each([
      ["passes", ["false"], "pass"],
      ["is stopped", [], "timed out"],
      ["is killed", [], "gone"],
    ])("their listener %s", async (what, command, outcome) => {
      await scene.start("delayMs: 1000");
      const { lines } = await scene.listen("mine", ...command);
      if (what === "is stopped") scene.listeners[0]?.kill("SIGSTOP");
      const out = scene.runOut();
      if (what === "is killed") {
        await until("it is told", () => lines().length > 0 && lines()[0] !== "");
        scene.listeners[0]?.kill("SIGKILL");
      }
      const afterMs = await scene.killedAfterMs(await out);
      expect(await scene.relief()).toMatchObject([{ by: "listener", outcome }]);
      if (outcome !== "timed out") expect(afterMs).toBeLessThan(900);
    });

    test("an answer on standard input", async () => {
      await scene.start();
      const { lines } = await scene.listen("mine");
      const hog = await scene.runOut();
      await until("it is told", () => lines()[0]?.includes('"oom"') === true);
      scene.listeners[0]?.stdin?.write("pass\n");
      expect(await scene.killedAfterMs(hog)).toBeLessThan(DELAY_MS - 1_500);
      expect(await scene.relief()).toMatchObject([{ outcome: "pass" }]);
    });

    test("a choice that falls elsewhere is no concern of theirs", async () => {
      scene.daemon.configure(
        [`oom.guard = ${scene.memcgs.top}`],
        `memcgs: { ${scene.memcgs.path("other")}: { badness: 1 } }`,
      );
      await scene.daemon.start();
      const { lines } = await scene.listen("mine", "true");
      const victim = await scene.memcgs.hold("other", 5);
      await scene.runOut();
      await until("the other dies", () => victim.signalCode === "SIGKILL");
      expect(lines()).toEqual([]);
      expect(await scene.daemon.eventsOf("relief")).toEqual([]);
    });

    test("of a memcg that is not guarded it is said for which OOMs alone a line comes", async () => {
      await scene.start();
      const [{ notes: guarded }, { notes }] = [await scene.listen("mine"), await scene.listen("mine/web")];
      const what = `note: ${scene.memcgs.path("mine/web")} is not guarded: of an OOM of its own limit nothing is told`;
      await until("it is noted", () => notes().includes(what));
      expect(guarded()).toBe("");
    });

    test("who may listen: root and the owner, and nobody else", async () => {
      await scene.start();
      for (const name of ["", "other"]) {
        const { code, stderr } = scene.tenant.ctl(
          "listen",
          "--runtime-dir",
          scene.daemon.runtimeDir,
          scene.memcgs.path(name),
        );
        expect([code, stderr]).toEqual([77, `badnessctl: ${scene.memcgs.path(name)} belongs to user 0\n`]);
      }
      const { code, stderr } = scene.daemon.ctl("listen", scene.memcgs.path("gone"));
      expect([code, stderr]).toEqual([1, `badnessctl: there is no memcg ${scene.memcgs.path("gone")}\n`]);
      await scene.listen("mine/web");
      const status = JSON.parse(scene.daemon.ctl("status", "--json").stdout);
      expect(status.listening).toEqual([{ memcg: scene.memcgs.path("mine/web"), uid: scene.tenant.uid }]);
      await scene.memcgs.remove("mine/web");
      await until("it is shown out", () => scene.listeners[0]?.exitCode === 1);
    });

    test("an OOM above takes over, whoever is still being waited for", async () => {
      scene.memcgs.limit("mine", 100);
      await scene.start("", "oom.delay_ms = 20000");
      scene.daemon.configure(
        [`oom.guard = ${scene.memcgs.top} ${scene.memcgs.path("mine")}`, "oom.delay_ms = 20000"],
        `memcgs: { ${scene.memcgs.path("other")}: { badness: 1 } }`,
      );
      await scene.daemon.event("config");
      await scene.listen("mine", "sleep", "60");
      const inner = await scene.memcgs.hold("mine/web", 5);
      const outer = await scene.memcgs.hold("other", 5);
      inner.stdin?.write("100\n");
      await until("it is waited for", () => scene.memcgs.oomControl("mine", "under_oom") === 1);
      scene.memcgs.overfill(outer, 20);
      await until("the outer one dies", () => outer.signalCode === "SIGKILL");
      expect((await scene.relief())[0]).toMatchObject({
        memcg: scene.memcgs.path("mine"),
        by: "listener",
        outcome: "unfinished",
      });
      expect(inner.signalCode).toBeNull();
    });
  },
);
