import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { explainSnapshots } from "../../src/cli/explain-snapshot.ts";

let directory = "";
const OPTIONS = { json: true, colour: false };
const VICTIM_7 = '{"victim":{"kind":"process","pid":7,"memcg":"/a"}';

beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/badnessd-explain-`);
  const write = (name: string, text: string | Buffer) => writeFileSync(`${directory}/${name}`, text);
  write("good.yaml", "{oomMemcg: /a, tasks: [{pid: 7, memcg: /a}]}");
  write("broken.yaml", "oomMemcg: /a\ntasks:\n  - {pid: x, memcg: /a}\n  - {pid: 8, memcg: a}\n");
  write("latin1.yaml", Buffer.from("oomMemcg: /a\n# caf\xe9\n", "latin1"));
  write("\x1b[31m.yaml", "");
  symlinkSync("good.yaml", `${directory}/link.yaml`);
  execFileSync("sh", ["-c", `mkfifo ${directory}/fifo`]);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

test("an object a line, a file a line", () => {
  const { code, stdout, stderr } = run(["good.yaml", "link.yaml"]);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.startsWith(VICTIM_7))).toBe(true);
});

test("a screen a file, under its name where there are several", () => {
  expect(run(["good.yaml"], { json: false, colour: false }).stdout).toMatch(
    /^Out of memory: \/a\nVictim: process 7 of \/a/,
  );
  expect(run(["good.yaml", "link.yaml"], { json: false, colour: false }).stdout).toContain(
    "link.yaml\n\nOut of memory",
  );
});

test.each([
  [
    "broken.yaml",
    ["3:11: pid: expected an integer 1..2147483647", '4:21: memcg: expected a path that begins with /, got "a"'],
  ],
  ["latin1.yaml", ["2:6: expected UTF-8, got other bytes"]],
  ["missing.yaml", ["1:1: cannot read: ENOENT"]],
  [".", ["1:1: expected a regular file, got a directory"]],
  ["fifo", ["1:1: expected a regular file, got a FIFO"]],
  ["/dev/zero", ["1:1: expected a regular file, got a device or a socket"]],
  ["good.yaml/x", ["1:1: cannot read: ENOTDIR"]],
  ["\x1b[31m.yaml", ["1:1: expected a map with oomMemcg, memcgs and tasks, got null"]],
])("every fault of %j is told, and the other files are decided", (name, faults) => {
  const { code, stdout, stderr } = run([name, "good.yaml"]);
  expect(code).toBe(78);
  expect(stdout.startsWith(VICTIM_7)).toBe(true);
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(faults.length);
  for (const [index, fault] of faults.entries()) expect(lines[index]).toContain(`:${fault}`);
  expect(stderr).not.toContain("\x1b");
});

function run(names: readonly string[], options = OPTIONS): { code: number; stdout: string; stderr: string } {
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += text;
      return true;
    });
  }
  const paths = names.map((name) => (name.startsWith("/") ? name : `${directory}/${name}`));
  const code = explainSnapshots(paths, options, {});
  vi.restoreAllMocks();
  return { code, ...written };
}
