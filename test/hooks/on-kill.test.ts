import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OnKill } from "../../src/hooks/on-kill.ts";
import { type EventBody, Reporter } from "../../src/report/events.ts";
import { until } from "../support/wait.ts";

const victim = { pid: 7, startTime: 70, comm: "job", memcg: "/jobs/a", rssBytes: 4096 };
const kill: EventBody = { type: "kill", memcg: "/jobs", dryRun: false, victims: [victim], missed: [] };
const decision: EventBody = {
  type: "decision",
  memcg: "/jobs",
  policy: "strict-priority",
  explanation: "Out of memory: /jobs\n",
  decision: { victim: null, ranked: [], levels: [] },
  snapshot: "/run/badnessd/decisions/1.yaml",
};
const kernelKill: EventBody = {
  type: "kernel-kill",
  cause: "system",
  memcg: null,
  oomMemcg: null,
  pid: 9,
  comm: "job",
};

let place: string;
let reporter: Reporter;
let onKill: OnKill;

beforeEach(() => {
  place = mkdtempSync(`${tmpdir()}/badnessd-on-kill-`);
  reporter = new Reporter(10_000);
});

afterEach(() => {
  onKill.stop();
  rmSync(place, { recursive: true });
});

function start(command: string, timeoutMs = 20_000): void {
  onKill = new OnKill(reporter);
  onKill.configure({ command, timeoutMs });
}

function report(...bodies: EventBody[]): void {
  for (const body of bodies) reporter.report(body);
  reporter.flush();
}

const ended = () => onKill.counts.ok + onKill.counts.failed + onKill.counts.timeout;
const said = (type: "fault" | "note") => reporter.recent.filter((event) => event.type === type);
/** What every run so far has read. */
const inputs = () => readdirSync(place).map((name) => JSON.parse(readFileSync(`${place}/${name}`, "utf8")));
const SAVE = () => `cat > ${place}/$$`;

test("a kill is told with why it was, whatever else happens meanwhile", async () => {
  start(SAVE());
  report(decision, { ...decision, memcg: "/other", explanation: "Another\n" }, { type: "note", what: "x" }, kill, {
    ...kill,
    memcg: "/unexplained",
  });
  await until("both are told", () => onKill.counts.ok === 2);
  const told = inputs().sort((a, b) => a.seq - b.seq);
  const { policy, explanation, snapshot } = decision;
  expect(told).toEqual([
    { ...kill, time: expect.any(String), seq: 4, policy, explanation, snapshot },
    { ...kill, memcg: "/unexplained", time: expect.any(String), seq: 5 },
  ]);
  expect([...said("fault"), ...said("note")]).toHaveLength(1);
});

test("a kill by the kernel is told too, and nothing else is", async () => {
  start(SAVE());
  report(
    { ...kill, dryRun: true },
    { ...kill, victims: [], missed: [{ ...victim, why: "gone" }] },
    { type: "user-kill", memcg: "/jobs", uid: 0, victims: [{ pid: 7, startTime: 70, memcg: "/jobs/a" }] },
    { type: "no-victim", memcg: "/jobs", explanation: "" },
    kernelKill,
  );
  await until("it is told", () => onKill.counts.ok === 1);
  expect(inputs()).toMatchObject([kernelKill]);
  expect(ended()).toBe(1);
});

test.each([
  ["exit 3", "failed", "fault", "oom.on_kill: exit code 3"],
  ["echo no route >&2; exit 1", "failed", "fault", "oom.on_kill: exit code 1: no route"],
  ["echo retried >&2", "ok", "note", "oom.on_kill: retried"],
  ["sleep 1000", "timeout", "fault", "oom.on_kill: killed after 200 ms"],
] as const)("%s is counted as %s, and said", async (command, result, type, what) => {
  start(command, 200);
  report(kill);
  await until("it has ended", () => onKill.counts[result] === 1);
  reporter.flush();
  expect(said(type)).toMatchObject([{ what }]);
});

test("a burst of kills is no burst of processes, and who is not told is counted and said once", async () => {
  start(`echo $$ > ${place}/$$; while [ ! -e ${place}/go ]; do sleep 0.02; done`);
  report(...Array.from({ length: 1_000 }, () => kill));
  await until("as many run as may", () => readdirSync(place).length === 4);
  // Those that wait stand still as long as those that run.
  report(...Array.from({ length: 10 }, () => kill));
  expect(readdirSync(place)).toHaveLength(4);
  writeFileSync(`${place}/go`, "");
  await until("all that waited have run", () => onKill.counts.ok + onKill.counts.skipped === 1_010);
  expect(onKill.counts.ok).toBeLessThan(50);
  await until("it is said", () => said("fault").length > 0);
  expect(said("fault")).toMatchObject([{ what: expect.stringMatching(/^oom\.on_kill: not run for \d+ kills/) }]);
});

test("kills of very many are not kept waiting in any number", () => {
  start("sleep 1000");
  const large = { ...kill, victims: Array.from({ length: 5_000 }, () => victim) };
  report(...Array.from({ length: 10 }, () => large));
  expect(onKill.counts.skipped).toBeGreaterThan(5);
  expect(onKill.counts.skipped).toBeLessThan(10);
});

test("another command holds from the next kill on, and none runs nothing", async () => {
  start(`echo old > ${place}/old`);
  report(kill);
  onKill.configure({ command: `echo new > ${place}/new`, timeoutMs: 20_000 });
  report(kill);
  onKill.configure({ command: "", timeoutMs: 20_000 });
  report(kill);
  onKill.configure({ command: `echo last > ${place}/last`, timeoutMs: 20_000 });
  report(kill);
  await until("the last one has run", () => readdirSync(place).includes("last"));
  await until("all have", () => ended() >= 3);
  expect(readdirSync(place).sort()).toEqual(["last", "new", "old"]);
  expect(onKill.counts).toEqual({ ok: 3, failed: 0, timeout: 0, skipped: 0 });
});

test("at the end what runs is cut short, and that is said", async () => {
  start(`echo $$ > ${place}/pid; exec sleep 1000`);
  report(kill);
  await until("it runs", () => readdirSync(place).length === 1);
  const pid = Number(await untilText(`${place}/pid`));
  report(kill);
  onKill.stop();
  reporter.flush();
  expect(said("fault")).toMatchObject([{ what: "oom.on_kill: 1 runs are cut short, and 1 do not begin" }]);
  await until("it is gone", () => onKill.counts.failed === 1);
  expect(() => process.kill(pid, 0)).toThrow();
});

async function untilText(path: string): Promise<string> {
  await until(`${path} is written`, () => readFileSync(path, "utf8").endsWith("\n"));
  return readFileSync(path, "utf8").trim();
}
