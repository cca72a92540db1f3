import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { compileConfig } from "../../src/config/load.ts";

const COMPILER = resolve("dist/src/config/compile.js");
const WHOLE = resolve("fixtures/config/whole/badnessd.conf");
const BROKEN = resolve("fixtures/config/broken/badnessd.conf");

function run(args: readonly string[]) {
  const child = spawnSync(process.execPath, [COMPILER, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    encoding: "utf8",
    env: { XDG_RUNTIME_DIR: "/run/user/1000" },
  });
  return { code: child.status, out: child.stdout, errors: child.stderr, result: child.output[3] ?? "" };
}

test("one line of JSON on descriptor 3, with absolute paths", () => {
  const { code, result, ...said } = run(["--config", WHOLE, "--runtime-dir", "run", "--cgroup-root=/x/", "--check"]);
  expect([code, said, result.split("\n").length]).toEqual([0, { out: "", errors: "" }, 2]);
  expect(JSON.parse(result)).toMatchObject({
    arguments: { configFile: WHOLE, runtimeDir: resolve("run"), cgroupRoot: "/x", check: true },
    config: { settings: { delayMs: 4000 } },
  });
});

test("without --config the default main file need not exist", () => {
  const { code, result } = run([]);
  expect(code).toBe(0);
  const runtimeDir = process.geteuid?.() === 0 ? "/run/badnessd" : "/run/user/1000/badnessd";
  expect(JSON.parse(result)).toMatchObject({ arguments: { runtimeDir, cgroupRoot: null, check: false } });
});

describe("exit codes", () => {
  test.each([
    [["--config", BROKEN], 78, "badnessd.conf:1:1: unknown key"],
    [["--config", "/none"], 78, "/none:1:1: cannot read it: it does not exist"],
    [["--config", "/"], 78, "/:1:1: cannot read it: not a regular file"],
    [["--config"], 2, "argument missing"],
    [["--config="], 2, "expected a path"],
    [["--nope"], 2, "unknown option '--nope'"],
    [["word"], 2, "too many arguments"],
  ])("%j: %i", (args, code, message) => {
    expect(run(args)).toEqual({ code, out: "", errors: expect.stringContaining(message), result: "" });
  });

  test("faults are a line each", () => {
    const lines = run(["--config", BROKEN]).errors.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^\/[^:]+:\d+:\d+: [^\n]+[^.]$/);
  });

  test("--version and --help go to standard output alone", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(run(["--version"])).toEqual({ code: 0, out: `${version}\n`, errors: "", result: "" });
    expect(run(["--help"])).toEqual({ code: 0, out: expect.stringContaining("--runtime-dir"), errors: "", result: "" });
  });
});

describe("the handler's side", () => {
  const compiler = pathToFileURL(COMPILER);
  const load = (args: readonly string[], signal?: AbortSignal) => compileConfig(args, signal, compiler);

  test("ready", async () => {
    expect(await load(["--config", WHOLE])).toMatchObject({ kind: "ready", arguments: { configFile: WHOLE } });
  });

  test("broken: the lines are handed over, not printed", async () => {
    const { code, faults } = { code: 0, faults: [], ...(await load(["--config", BROKEN])) };
    expect([code, faults.length]).toEqual([78, 3]);
  });

  test("unusable arguments", async () => {
    expect(await load(["--nope"])).toEqual({ kind: "exit", code: 2, faults: ["error: unknown option '--nope'"] });
  });

  test("a child that fails by itself is an outcome", async () => {
    const outcome = await compileConfig([], undefined, new URL("./none.js", compiler));
    expect(outcome).toMatchObject({ kind: "exit", code: 1 });
  });

  test("can be called off", async () => {
    await expect(load([], AbortSignal.abort())).rejects.toThrow("aborted");
  });
});

test("what stays in the handler loads nothing but Node", () => {
  const imports = readFileSync("dist/src/config/load.js", "utf8").matchAll(/^import .* from "(.*)"/gm);
  for (const [, from] of imports) expect(from).toMatch(/^node:/);
});
