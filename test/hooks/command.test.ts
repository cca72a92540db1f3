import { closeSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { startCommand } from "../../src/hooks/command.ts";
import { createTextFile } from "../../src/kernel/memfd.ts";
import { built, runScript } from "../support/script.ts";
import { until } from "../support/wait.ts";

const place = mkdtempSync(`${tmpdir()}/badnessd-command-`);
afterAll(() => rmSync(place, { recursive: true }));

const run = (line: string, { input = "", timeoutMs = 20_000 } = {}) => startCommand(line, input, timeoutMs).ended;
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

test.each([
  ["true", null, ""],
  ["exit 3", "exit code 3", ""],
  ["no-such-command-at-all", "exit code 127", expect.stringContaining("no-such-command-at-all")],
  ["echo one >&2; echo two >&2", null, "one; two"],
  ["echo said >/dev/stderr", null, "said"],
  ["echo to nobody", null, ""],
  ["kill -TERM $$", "ended by SIGTERM", ""],
])("%s: failure %s, standard error %s", async (line, failure, stderr) => {
  expect(await run(line)).toEqual({ failure, isTimeout: false, stderr });
});

test("of standard error the beginning is kept, and nobody who writes more has to wait", async () => {
  const { failure, stderr } = await run("yes 0123456789 | head -n 100000 >&2");
  expect(failure).toBeNull();
  expect(stderr.length).toBeGreaterThan(400);
  expect(stderr.length).toBeLessThan(600);
});

test.each([
  ["from standard input", "cat"],
  ["from /dev/stdin", "cat /dev/stdin"],
  ["line by line", "while read -r line; do printf '%s\\n' \"$line\"; done"],
])("the input is read %s", async (_, reader) => {
  const input = `${"é \\ $(reboot) `x` ".repeat(20_000)}\nlast\n`.replaceAll(/ +\n/g, "\n");
  expect((await run(`${reader} > ${place}/read`, { input })).failure).toBeNull();
  expect(readFileSync(`${place}/read`, "utf8")).toBe(input);
});

test("input that nobody reads, however much, is no failure", async () => {
  expect(await run("exec <&-; exit 0", { input: "x".repeat(4_000_000) })).toMatchObject({ failure: null });
});

test("it has the descriptors 0, 1 and 2 alone, no signal ignored or blocked, a session of its own, and sits in /", async () => {
  const leak = createTextFile("leak", "", "successor");
  const { ended, kill } = startCommand(`echo $$ > ${place}/pid; exec sleep 1000`, "", 600_000);
  await until("it runs", () => existsSync(`${place}/pid`) && readFileSync(`${place}/pid`, "utf8") !== "");
  const pid = readFileSync(`${place}/pid`, "utf8").trim();
  const proc = `/proc/${pid}`;
  await until("it sleeps", () => readFileSync(`${proc}/comm`, "utf8") === "sleep\n");
  const targets = readdirSync(`${proc}/fd`).map((fd) => `${fd} ${readlinkSync(`${proc}/fd/${fd}`)}`);
  expect(targets).toEqual(["0 /memfd:event (deleted)", "1 /dev/null", expect.stringMatching(/^2 pipe:/)]);
  const status = readFileSync(`${proc}/status`, "utf8");
  for (const set of ["SigBlk", "SigIgn", "SigCgt"]) expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, "m"));
  const [group, session] = (readFileSync(`${proc}/stat`, "utf8").split(") ")[1] ?? "").split(" ").slice(2, 4);
  expect([group, session]).toEqual([pid, pid]);
  expect(readlinkSync(`${proc}/cwd`)).toBe("/");
  kill();
  await ended;
  closeSync(leak);
});

test("it is an ordinary process, whatever badnessd itself is", () => {
  const { stdout } = runScript(`
    import { writeFileSync } from "node:fs";
    import { setPriority } from "node:os";
    import { startCommand } from ${built("hooks/command")};
    writeFileSync("/proc/self/oom_score_adj", "500");
    try {
      setPriority(-5);
    } catch {
      // Nobody may be privileged to be tested.
    }
    const line = 'until [ "$(cut -d" " -f19 /proc/$$/stat)" = 0 ]; do :; done; echo "$(cat /proc/$$/oom_score_adj) $0" >&2';
    console.log((await startCommand(line, "", 20_000).ended).stderr);
  `);
  expect(stdout).toBe("0 /bin/sh\n");
});

test("when the time is over its whole group is killed, whatever it ignores", async () => {
  const line = `trap '' TERM INT HUP; sleep 1000 & echo $! > ${place}/child; echo waiting >&2; sleep 1000`;
  const began = performance.now();
  expect(await run(line, { timeoutMs: 300 })).toEqual({
    failure: "killed after 300 ms",
    isTimeout: true,
    stderr: "waiting",
  });
  expect(performance.now() - began).toBeLessThan(10_000);
  await until("its child is gone", () => !isAlive(Number(readFileSync(`${place}/child`, "utf8"))));
});

test("what it leaves behind in its group ends with it, and who has left the group holds nobody up", async () => {
  const line = `sleep 1000 & echo $! > ${place}/left; setsid sh -c 'echo $$ > ${place}/gone; exec sleep 1000' &
    while [ ! -s ${place}/gone ]; do sleep 0.01; done`;
  const began = performance.now();
  expect(await run(line)).toEqual({ failure: null, isTimeout: false, stderr: "" });
  expect(performance.now() - began).toBeLessThan(10_000);
  await until("what it left is gone", () => !isAlive(Number(readFileSync(`${place}/left`, "utf8"))));
  process.kill(Number(readFileSync(`${place}/gone`, "utf8")), "SIGKILL");
});

test("it can be ended before its time", async () => {
  const { ended, kill } = startCommand("sleep 1000", "", 600_000);
  kill();
  expect(await ended).toEqual({ failure: "ended by SIGKILL", isTimeout: false, stderr: "" });
  kill();
});
