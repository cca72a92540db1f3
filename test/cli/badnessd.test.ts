import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { badnessd, commandLine, run } from "../support/commands.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const reason = whyNotLive();
const isRoot = process.getuid?.() === 0;
const hasSetpriv = run(["setpriv", "--version"]).code === 0;
const NOTHING = /^$/;
const line = (start: string) => new RegExp(`^${start}[^\\n]*\\n$`);

beforeAll(() => {
  chmodSync(at(), 0o755);
  writeFileSync(at("good.conf"), "oom.guard = /badnessd-test-nobody\n");
  writeFileSync(at("broken.conf"), "oom.delay_ms = x\noom.guard = /a\nnonsense = 1\n");
});

const fill = (text: string) => text.replaceAll("AT", at());

test.each([
  ["--version", 0, /^\d+\.\d+\.\d+\n$/, NOTHING],
  ["--help", 0, /^Usage: badnessd /, NOTHING],
  ["--nonsense", 2, NOTHING, line("error: unknown option '--nonsense'")],
  ["more", 2, NOTHING, line("error: too many arguments")],
  ["--config", 2, NOTHING, line("error: option '--config <file>' argument missing")],
  ["--config AT/missing", 78, NOTHING, line("AT/missing:1:1: ")],
  ["--config AT", 78, NOTHING, line("AT:1:1: ")],
  [
    "--config AT/broken.conf",
    78,
    NOTHING,
    /^AT\/broken.conf:1:16: oom.delay_ms: [^\n]*\nAT\/broken.conf:3:1: unknown key "nonsense"[^\n]*\n$/,
  ],
  ["--check --config AT/broken.conf", 78, NOTHING, /^AT\/broken.conf:1:16: [^\n]*\nAT\/broken.conf:3:1: [^\n]*\n$/],
  [
    "--config AT/good.conf --cgroup-root AT",
    1,
    NOTHING,
    line("AT is no mount point of the cgroup v1 memory controller"),
  ],
  ["--config AT/good.conf --cgroup-root AT/missing", 1, NOTHING, line("AT/missing is no mount point")],
  ["--config AT/good.conf --cgroup-root AT/good.conf", 1, NOTHING, line("AT/good.conf is no mount point")],
  ["--check --config AT/good.conf --cgroup-root AT", 1, line("fatal: AT is no mount point"), NOTHING],
])("badnessd %s ends with %i", (words, code, stdout, stderr) => {
  const ended = badnessd(...fill(`--runtime-dir AT/run ${words}`).split(" "));
  expect(ended.code).toBe(code);
  expect(ended.stdout).toMatch(new RegExp(fill(stdout.source)));
  expect(ended.stderr).toMatch(new RegExp(fill(stderr.source)));
});

test("whoever is refused leaves nothing behind", () => {
  badnessd("--config", at("good.conf"), "--runtime-dir", at("run"), "--cgroup-root", at());
  expect(existsSync(at("run"))).toBe(false);
});

describe.skipIf(reason !== null || !isRoot)(`on this machine (${reason ?? (isRoot ? "live" : "not root")})`, () => {
  test("--check finds that it will do, and leaves nothing behind", () => {
    const before = readdirSync(at());
    const { code, stdout, stderr } = badnessd("--check", "--config", at("good.conf"), "--runtime-dir", at("run"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^(?:note: [^\n]*\n)*badnessd can run here\n$/);
    expect(readdirSync(at())).toEqual(before);
  });

  test.each([
    ["/proc/badnessd-test", "ENOENT"],
    ["AT/good.conf", "EEXIST"],
  ])("a runtime directory that cannot be had is refused in one line: %s", (place, code) => {
    const directory = fill(place);
    const options = ["--config", at("good.conf"), "--runtime-dir", directory];
    const why = `cannot use ${directory} for sockets and state: ${code}`;
    const checked = badnessd("--check", ...options);
    expect(checked).toMatchObject({ code: 1, stderr: "" });
    expect(checked.stdout).toContain(`fatal: ${why}`);
    expect(checked.stdout).not.toContain("can run here");
    const started = badnessd(...options);
    expect(started).toMatchObject({ code: 1, stdout: "" });
    expect(started.stderr).toMatch(line(why));
  });

  test.each([
    ["the memcg itself", "", (top: string) => top],
    ["one above", "a/b", (top: string) => `${top}/*`],
    ["all below one", "a/b", (top: string) => `${top}/**`],
  ])("inside a memcg that it would guard it says no: oom.guard names %s", async (_, place, guard) => {
    const memcgs = new TestMemcgs();
    try {
      if (place !== "") memcgs.make(place);
      writeFileSync(at("inside.conf"), `oom.guard = ${guard(memcgs.top)}\n`);
      const enter = `echo $$ > "$0"/cgroup.procs && exec "$@"`;
      for (const check of [[], ["--check"]]) {
        const command = commandLine("badnessd", ["--config", at("inside.conf"), "--runtime-dir", at("run"), ...check]);
        const { code, stdout, stderr } = run(["sh", "-c", enter, memcgs.directory(place), ...command]);
        expect(code).toBe(1);
        expect(stdout + stderr).toContain(`badnessd runs in ${memcgs.path(place)}, and oom.guard names ${memcgs.top}`);
      }
    } finally {
      await memcgs.clean();
    }
  });

  test.skipIf(!hasSetpriv)("an ordinary user is told that it is not permitted, in one line", () => {
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const command = commandLine("badnessd", ["--config", at("good.conf"), "--runtime-dir", at("run")]);
    const { code, stdout, stderr } = run([...nobody, ...command]);
    expect({ code, stdout }).toEqual({ code: 77, stdout: "" });
    expect(stderr).toMatch(line("cannot write "));
    const checked = run([...nobody, ...command, "--check"]);
    expect(checked.code).toBe(77);
    expect(checked.stdout).toMatch(/^fatal: cannot write /m);
  });
});
