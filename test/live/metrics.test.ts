import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemcgCounters } from "../../src/report/counters.ts";
import { TestDaemon } from "../support/daemon.ts";
import { freePort, listenAnywhere } from "../support/free-port.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { type MetricFamily, parsePrometheusText, sampleOf } from "../support/prometheus-text.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`metrics (${reason ?? "live"})`, () => {
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

  const configure = (...more: string[]) => daemon.configure([`oom.guard = ${memcgs.top}`, ...more]);

  async function dieIn(name: string): Promise<void> {
    const hog = memcgs.grow(name);
    await until("it is dead", () => hog.signalCode === "SIGKILL");
  }

  /** As `curl --unix-socket` does. */
  async function scrape(): Promise<Map<string, MetricFamily>> {
    const socketPath = `${daemon.runtimeDir}/control.sock`;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ socketPath, path: "/metrics" }, resolve).on("error", reject);
    });
    expect(response.statusCode).toBe(200);
    return parsePrometheusText(await text(response));
  }

  const scrapeTcp = async (port: number) =>
    parsePrometheusText(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const countOf = (metrics: ReadonlyMap<string, MetricFamily>, name: string) =>
    metrics.get(name)?.samples.find((sample) => sample.name === `${name}_count`)?.value;

  /** Every number of `badnessctl stats` is the number of the metrics. */
  function expectAgreement(metrics: ReadonlyMap<string, MetricFamily>): void {
    const lines = daemon.ctl("stats", "--json").stdout.split("\n").filter(Boolean);
    for (const { memcg, local, byCause, oom, delayExpired, noVictim } of lines.map(
      (line) => JSON.parse(line) as MemcgCounters,
    )) {
      const own = [
        ["badnessd_local_kills_total", local],
        ["badnessd_ooms_total", oom],
        ["badnessd_delays_expired_total", delayExpired],
        ["badnessd_no_victim_total", noVictim],
      ] as const;
      for (const [name, count] of own) expect(sampleOf(metrics, name, { memcg })).toBe(count);
      for (const [cause, kills] of Object.entries(byCause)) {
        for (const [killer, count] of Object.entries(kills)) {
          expect(sampleOf(metrics, "badnessd_kills_total", { memcg, cause, killer }) ?? 0).toBe(count);
        }
      }
    }
  }

  test("after real OOMs they agree with stats, and over a restart; how long it took was kept for the first who asks", async () => {
    configure();
    await daemon.start();
    for (const name of ["a", "b", "a"]) await dieIn(name);
    const relieved = await daemon.event("relieved", 3);
    const before = await scrape();
    expectAgreement(before);
    const kills = { memcg: memcgs.top, cause: "memcg", killer: "handler" };
    expect(sampleOf(before, "badnessd_kills_total", kills)).toBe(3);
    expect(sampleOf(before, "badnessd_ooms_total", { memcg: memcgs.top })).toBe(3);
    expect(sampleOf(before, "badnessd_local_kills_total", { memcg: memcgs.path("a") })).toBe(2);
    for (const name of ["badnessd_notification_to_kill_seconds", "badnessd_notification_to_relief_seconds"]) {
      expect(countOf(before, name)).toBe(3);
    }
    const sum = before
      .get("badnessd_notification_to_relief_seconds")
      ?.samples.find(({ name }) => name.endsWith("_sum"))?.value;
    expect(sum).toBeCloseTo(
      relieved.reduce((total, { tookMs }) => total + tookMs / 1_000, 0),
      6,
    );
    await daemon.stop();
    await daemon.start();
    const after = await scrape();
    expectAgreement(after);
    expect(sampleOf(after, "badnessd_kills_total", kills)).toBe(3);
    expect(countOf(after, "badnessd_notification_to_kill_seconds")).toBe(0);
    await dieIn("a");
    await daemon.event("relieved");
    await until("it is there", async () => sampleOf(await scrape(), "badnessd_kills_total", kills) === 4);
    expectAgreement(await scrape());
  });

  test("who is armed, and what badnessd and its failsafe take up", async () => {
    configure();
    await daemon.start();
    const metrics = await scrape();
    const { pid, failsafePid } = await daemon.status();
    expect(sampleOf(metrics, "badnessd_armed_memcgs")).toBe(1);
    expect(sampleOf(metrics, "badnessd_dry_run")).toBe(0);
    for (const [name, one] of [
      ["handler", pid],
      ["failsafe", failsafePid],
    ] as const) {
      const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/status`, "utf8"))?.[1]) * 1024;
      const told = sampleOf(metrics, "badnessd_resident_memory_bytes", { process: name }) ?? 0;
      expect(Math.abs(told - rss)).toBeLessThan(rss / 4);
      const fds = readdirSync(`/proc/${one}/fd`).length;
      const toldFds = sampleOf(metrics, "badnessd_open_fds", { process: name }) ?? 0;
      expect(Math.abs(toldFds - fds)).toBeLessThan(5);
    }
    const started = sampleOf(metrics, "badnessd_start_time_seconds") ?? 0;
    expect(Math.abs(Date.now() / 1_000 - started)).toBeLessThan(60);
  });

  test("prom-client is not loaded before somebody asks, and then without what it brings along", async () => {
    const trap = `${daemon.directory}/trap.cjs`;
    const list = `${daemon.directory}/modules`;
    const tell = `require("fs").writeFileSync(${JSON.stringify(list)}, Object.keys(require("module")._cache).join("\\n"))`;
    writeFileSync(trap, `process.on("SIGUSR2", () => ${tell});`);
    daemon.env = { NODE_OPTIONS: `--require ${trap}` };
    configure();
    await daemon.start();
    const loaded = async () => {
      writeFileSync(list, "");
      daemon.signal("SIGUSR2");
      await until("it has told", () => readFileSync(list, "utf8").includes("winston"));
      return readFileSync(list, "utf8");
    };
    await dieIn("a");
    await daemon.event("relieved");
    expect(await loaded()).not.toMatch(/prom-client/);
    await scrape();
    const modules = await loaded();
    expect(modules).toMatch(/prom-client/);
    expect(modules).not.toMatch(/opentelemetry|tdigest/);
  });

  test("over TCP where that is configured, and elsewhere after a reload; an address in use ends nothing", async () => {
    const port = await freePort();
    configure(`oom.metrics.listen = ${port}`);
    await daemon.start();
    await dieIn("a");
    await daemon.event("relieved");
    expectAgreement(await scrapeTcp(port));
    expect((await fetch(`http://127.0.0.1:${port}/status`)).status).toBe(404);
    const { server, port: taken } = await listenAnywhere();
    try {
      expect(daemon.ctl("sysctl", "-w", `oom.metrics.listen=127.0.0.1:${taken}`).code).toBe(0);
      const [fault] = await daemon.event("fault");
      expect(fault?.what).toMatch(`no metrics on 127.0.0.1:${taken}`);
      await expect(scrapeTcp(port)).rejects.toThrow();
      await dieIn("a");
      expect(memcgs.kernelKills()).toBe(0);
    } finally {
      server.close();
    }
    const other = await freePort();
    expect(daemon.ctl("sysctl", "-w", `oom.metrics.listen=${other}`).code).toBe(0);
    await until("it listens there", async () => (await scrapeTcp(other).catch(() => null)) !== null);
    expect(await daemon.stop()).toBe(0);
  });

  test("scraped as fast as it answers, it kills as ever", async () => {
    const port = await freePort();
    configure(`oom.metrics.listen = ${port}`);
    await daemon.start();
    let isOver = false;
    const scrapers = Array.from({ length: 8 }, async () => {
      while (!isOver) await scrapeTcp(port);
    });
    for (let count = 0; count < 3; count++) await dieIn("a");
    for (const { tookMs } of await daemon.event("relieved", 3)) expect(tookMs).toBeLessThan(1_000);
    isOver = true;
    await Promise.all(scrapers);
    expect(memcgs.kernelKills()).toBe(0);
  });
});
