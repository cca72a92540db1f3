import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";

const reason = whyNotLive();
const CTL = fileURLToPath(new URL("../../bin/badnessctl.js", import.meta.url));

describe.skipIf(reason !== null)(`badnessctl exec (${reason ?? "live"})`, () => {
  let daemon: TestDaemon;
  let memcgs: TestMemcgs;

  beforeAll(async () => {
    memcgs = new TestMemcgs(120);
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`]);
    await daemon.start();
  });

  afterAll(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  const exec = (...command: string[]) => daemon.ctl("exec", "--badness", "77", "--", ...command);

  test("the command has the badness, and so has what it starts", () => {
    const get = `${process.execPath} ${CTL} get --json --runtime-dir ${daemon.runtimeDir} --pid`;
    const { stdout } = exec("sh", "-c", `echo $$; ${get} $$; (sleep 10 >/dev/null & ${get} $!; kill $!)`);
    const [pid, own, below] = stdout.split("\n");
    expect(JSON.parse(own ?? "")).toEqual({ pid: Number(pid), badness: 77, source: "set --pid" });
    expect(JSON.parse(below ?? "")).toMatchObject({ badness: 77, source: `set --pid, inherited from ${pid}` });
  });

  test.each<[string, string[], number, string]>([
    ["its exit code is the command's", ["sh", "-c", "exit 5"], 5, ""],
    [
      "arguments stay as they are",
      ["printf", "<%s>", "", " a ", "--json", "--", "-x", "é"],
      0,
      "<>< a ><--json><--><-x><é>",
    ],
    ["a script without a first line runs as for a shell", ["/bin/echo", "--badness"], 0, "--badness\n"],
    ["a command that is not there", ["/nowhere/at/all"], 127, ""],
    ["one that is nowhere in PATH", ["no-such-command-at-all"], 127, ""],
    ["one that cannot be run", ["/etc/passwd"], 126, ""],
    ["a directory", ["/tmp"], 126, ""],
  ])("%s", (_, command, code, stdout) => expect(exec(...command)).toMatchObject({ code, stdout }));

  test("without --, options behind the command are the command's", () => {
    expect(daemon.ctl("exec", "--badness", "77", "echo", "--json", "-x").stdout).toBe("--json -x\n");
  });

  test.each([
    ["a bad value", ["--badness", "1e3", "--", "true"]],
    ["no value", ["--", "true"]],
    ["no command", ["--badness", "1"]],
  ])("%s runs nothing", (_, words) => expect(daemon.ctl("exec", ...words).code).toBe(2));

  test("environment, signals, limits, streams and bytes are what they were", () => {
    const show = `env -0 -u _ | sort -z | tr '\\0' '\\n'; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ulimit -Sn; grep flags /proc/self/fdinfo/1`;
    const run = (...command: string[]) => {
      const [program = "", ...args] = ["bash", "-c", `ulimit -Sn 500; "$@" | cat`, "x", ...command];
      const env = { PATH: process.env["PATH"] ?? "", LINES: "a\nb=c", EMPTY: "", _: "x", PWD: "/", SHLVL: "1" };
      return spawnSync(program, args, { encoding: "latin1", env, cwd: "/" }).stdout;
    };
    const before = [process.execPath, CTL, "exec", "--runtime-dir", daemon.runtimeDir, "--badness", "77", "--"];
    expect(run(...before, "env", "sh", "-c", show)).toBe(run("env", "sh", "-c", show));
    const bytes = `"$@" printf %s "$(printf 'a\\377b')"`;
    expect(spawnSync("bash", ["-c", bytes, "x", ...before]).stdout).toEqual(Buffer.from([0x61, 0xff, 0x62]));
  });

  test("without a daemon the command is not run", () => {
    const other = new TestDaemon();
    expect(other.ctl("exec", "--badness", "77", "--", "echo", "x")).toMatchObject({ code: 1, stdout: "" });
  });
});
