import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmdirSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { checkEvent } from "../support/event-schema.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();
const BADNESSCTL = fileURLToPath(new URL("../../bin/badnessctl.js", import.meta.url));

describe.skipIf(reason !== null)(`the stream of events (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(async () => {
    memcgs = new TestMemcgs(60);
    memcgs.make("a");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`]);
    await daemon.start();
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const dieInA = async () => {
    const hog = memcgs.grow("a");
    await until("it is dead", () => hog.signalCode === "SIGKILL");
  };

  test("events --follow tells an OOM step by step, as it happens", async () => {
    const child = spawn(process.execPath, [BADNESSCTL, "events", "--follow", "--runtime-dir", daemon.runtimeDir]);
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const types = () =>
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => checkEvent(JSON.parse(line)).type);
    await until("it has what was", () => types().includes("ready"));
    await dieInA();
    await until("it has the relief", () => types().includes("relieved"));
    expect(types()).toEqual(["armed", "ready", "oom", "decision", "kill", "relieved"]);
    const [relieved] = await daemon.eventsOf("relieved");
    const { decidedMs = 0, killedMs = 0, goneMs = 0, relievedMs = 0 } = relieved?.steps ?? {};
    expect([decidedMs, killedMs, goneMs, relievedMs]).toEqual(
      [decidedMs, killedMs, goneMs, relievedMs].sort((a, b) => a - b),
    );
    child.kill();
  });

  test("who follows hears of an orderly end to the last event, and of any other that it was none", async () => {
    const ends = async (signal: NodeJS.Signals) => {
      const child = spawn(process.execPath, [BADNESSCTL, "events", "--follow", "--runtime-dir", daemon.runtimeDir]);
      const said = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].on("data", (chunk) => {
          said[name] += chunk;
        });
      }
      await until("it follows", () => said.stdout.includes('"ready"'));
      daemon.signal(signal);
      await until("it has ended", () => child.exitCode !== null);
      const last = said.stdout.trimEnd().split("\n").at(-1) ?? "";
      return { code: child.exitCode, last: checkEvent(JSON.parse(last)).type, stderr: said.stderr };
    };
    expect(await ends("SIGTERM")).toEqual({ code: 0, last: "stopped", stderr: "" });
    await until("the daemon has ended", () => daemon.hasEnded);
    await daemon.start();
    expect(await ends("SIGKILL")).toEqual({
      code: 1,
      last: "ready",
      stderr: expect.stringMatching(/^badnessctl: the events were cut off: badnessd was killed[^\n]*\n$/),
    });
  });

  test("a memcg whose name is no UTF-8 is found by the daemon under the name that is printed", async () => {
    const odd = Buffer.concat([Buffer.from(`${memcgs.directory("a")}/`), Buffer.of(0xff)]);
    mkdirSync(odd);
    const memcg = `${memcgs.path("a")}/\udcff`;
    const printed = `${memcgs.path("a")}/\\xff`;
    expect(JSON.parse(daemon.ctl("stats", printed, "--json").stdout)).toMatchObject({ memcg });
    const child = spawn(process.execPath, [BADNESSCTL, "listen", "--runtime-dir", daemon.runtimeDir, printed]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(JSON.parse(line.toString())).toEqual({ type: "listening", memcg });
    child.kill();
    rmdirSync(odd);
  });

  test("readers who never read do not hold up a kill", async () => {
    const readers = Array.from({ length: 10 }, () => connect(`${daemon.runtimeDir}/control.sock`));
    for (const reader of readers) reader.pause().write("GET /events?follow HTTP/1.0\r\n\r\n");
    for (let count = 0; count < 3; count++) await dieInA();
    const kills = await daemon.event("relieved", 3);
    for (const { tookMs } of kills) expect(tookMs).toBeLessThan(1_000);
    for (const reader of readers) reader.destroy();
  });

  test("decisions of an earlier run can still be replayed", async () => {
    await dieInA();
    const [before] = await daemon.event("decision");
    await daemon.stop();
    await daemon.start();
    await dieInA();
    const [after] = await daemon.event("decision");
    expect(await replaysToItself(daemon)).toBe(1);
    for (const event of [before, after]) {
      const { code, stdout } = daemon.ctl("explain", "--json", "--snapshot", event?.snapshot ?? "");
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as { victim: unknown }).victim).toEqual(event?.decision.victim);
    }
    expect(before?.snapshot).not.toBe(after?.snapshot);
  });
});
