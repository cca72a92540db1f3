import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPipe } from "../../src/kernel/pipe.ts";
import { openPty } from "../support/pty.ts";
import { built } from "../support/script.ts";
import { until } from "../support/wait.ts";

const OPEN = `
  import { openLog } from ${built("report/log")};
  const open = (level = "info", format = "human") => openLog({ level, format });
  const report = (log, body) => log.event({ time: "2026-01-01T00:00:00.000Z", seq: 1, ...body });
`;
const nodeArguments = (script: string) => ["--input-type=module", "--eval", OPEN + script];

describe("the log in a file", () => {
  const path = `${tmpdir()}/badnessd-log-${process.pid}`;
  let fd: number;

  beforeEach(() => {
    fd = openSync(path, "w");
  });

  afterEach(() => {
    closeSync(fd);
    rmSync(path);
  });

  function logOf(script: string, env: NodeJS.ProcessEnv = {}): string {
    const { status } = spawnSync(process.execPath, nodeArguments(script), {
      stdio: ["ignore", "inherit", fd],
      env: { ...process.env, ...env },
    });
    expect(status).toBe(0);
    return readFileSync(path, "utf8");
  }

  test("what is said at the very end is not lost, and stands in its order", () => {
    const text = logOf(`
      const log = open();
      for (let count = 0; count < 1000; count++) log.line("info", "line " + count);
      process.exit(0);
    `);
    expect(text).toBe(Array.from({ length: 1000 }, (_, count) => `line ${count}\n`).join(""));
  });

  test("levels: what is less is not said, and that can change", () => {
    const text = logOf(`
      const log = open("warn");
      const armed = { type: "armed", memcg: "/jobs", delayMs: 1 };
      log.line("info", "no");
      report(log, { type: "fault", what: "100%d of %s" });
      report(log, { type: "fault", what: "ignored", level: "warn" });
      report(log, armed);
      log.configure({ level: "debug", format: "human" });
      report(log, armed);
      log.configure({ level: "error", format: "json" });
      log.line("warn", "no");
      report(log, { type: "fault", what: "last" });
    `);
    const lines = text.split("\n");
    expect(lines.slice(0, 3)).toEqual(["error: 100%d of %s", "warn: ignored", "debug: armed /jobs, delay 1 ms"]);
    expect(JSON.parse(lines[3] ?? "")).toMatchObject({ level: "error", event: { type: "fault", what: "last" } });
    expect(lines[4]).toBe("");
  });

  test("the journal is known by its stream, and a stream that only looks like one is none", () => {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    const script = 'open().line("warn", "x");';
    expect(logOf(script, { JOURNAL_STREAM: `${dev}:${ino + 1n}` })).toBe("warn: x\n");
    expect(logOf(script, { JOURNAL_STREAM: `${dev}:${ino}` })).toBe("warn: x\n<4>x\n");
  });
});

test("a full disk takes nothing, and holds nobody up", () => {
  const full = openSync("/dev/full", "w");
  const script = 'const log = open(); log.line("info", "x"); setTimeout(() => log.line("info", "y"), 10);';
  const { status } = spawnSync(process.execPath, nodeArguments(script), { stdio: ["ignore", "inherit", full] });
  closeSync(full);
  expect(status).toBe(0);
});

/** Says far more than anything takes, and then a line whenever it is asked to. */
const FLOOD = `
  const log = open();
  for (let count = 0; count < 4000; count++) log.line("info", "x".repeat(1000));
  console.log("said");
  process.stdin.on("data", () => log.line("info", "the end"));
`;

test.each([
  ["a pipe", openPipe],
  ["a terminal", openPty],
])("%s that nobody reads holds nobody up, and who reads again is told what is missing", async (_, open) => {
  const { readerFd, writerFd } = open();
  const child = spawn(process.execPath, nodeArguments(FLOOD), { stdio: ["pipe", "pipe", writerFd] });
  try {
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    let text = "";
    await until("it tells", () => {
      child.stdin?.write("x");
      text += readNow(readerFd);
      return text.includes("the end");
    });
    expect(text).toMatch(/^warn: \d+ lines of the log were dropped: nobody read them\r?\nthe end/m);
  } finally {
    child.kill("SIGKILL");
    closeSync(readerFd);
    closeSync(writerFd);
  }
});

function openPipe(): { readonly readerFd: number; readonly writerFd: number } {
  const { readFd, writeFd } = createPipe();
  const readerFd = openSync(`/proc/self/fd/${readFd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  closeSync(readFd);
  return { readerFd, writerFd: writeFd };
}

/** What is there now. */
function readNow(fd: number): string {
  const chunk = Buffer.alloc(65_536);
  try {
    return chunk.toString("utf8", 0, readSync(fd, chunk));
  } catch {
    return "";
  }
}
