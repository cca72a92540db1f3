import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/snapshot/types.ts";
import { badnessctl, commandLine, run } from "../support/commands.ts";
import { readCase, snapshotCases } from "../support/snapshot-fixtures.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { treeDirectory } from "../support/tree-fixtures.ts";

const at = temporaryDirectory();
const TREE = `${treeDirectory("kernel-threads")}/sys`;
const NOTHING = /^$/;
/** One line, and no stack. */
const line = (start: string) => new RegExp(`^${start}[^\\n]*\\n$`);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

beforeAll(() => {
  writeFileSync(at("good.yaml"), "{oomMemcg: /a, tasks: [{pid: 7, memcg: /a}]}");
  writeFileSync(at("broken.yaml"), "oomMemcg: /a\ntasks:\n  - {pid: x, memcg: /a}\n");
  writeFileSync(at("plain"), "");
});

/** `RUN` stands for a runtime directory without a daemon, `TREE` for a recorded tree, `AT` for a directory. */
const fill = (text: string) => text.replaceAll("RUN", at("run")).replaceAll("TREE", TREE).replaceAll("AT", at());

test.each([
  ["--version", 0, line(version), NOTHING],
  ["--help", 0, /^Usage: badnessctl /, NOTHING],
  ["tree --help", 0, /^Usage: badnessctl tree /, NOTHING],
  ["", 2, NOTHING, /^Usage: badnessctl /],
  ["nonsense", 2, NOTHING, line("error: unknown command 'nonsense'")],
  ["--nonsense", 2, NOTHING, line("error: unknown option '--nonsense'")],
  ["status --nonsense", 2, NOTHING, line("error: unknown option '--nonsense'")],
  ["status more", 2, NOTHING, line("error: too many arguments")],
  ["tree a b", 2, NOTHING, line("error: too many arguments")],
  ["status --runtime-dir", 2, NOTHING, line("error: option '--runtime-dir <dir>' argument missing")],
  ["explain --snapshot", 2, NOTHING, line("error: option '--snapshot <file...>' argument missing")],
  ["notify AT/plain", 2, NOTHING, line("error: missing required argument 'oom-control'")],
  ["status --runtime-dir RUN", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["status --json --runtime-dir RUN", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["--runtime-dir RUN status", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["events --runtime-dir RUN", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["events --follow --runtime-dir RUN", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["restore --runtime-dir RUN", 0, line("nothing is armed"), NOTHING],
  [
    "restore --runtime-dir RUN --json",
    0,
    /^\{"restored":\[\],"failed":\[\],"takenBack":\[\],"lent":\[\]\}\n$/,
    NOTHING,
  ],
  ["stats --runtime-dir RUN", 0, line("nobody was killed"), NOTHING],
  ["stats --json --runtime-dir RUN", 0, /^\{"memcg":"\/","local":0,"hierarchical":0,[^\n]*\}\n$/, NOTHING],
  [
    "stats /jobs --json --runtime-dir RUN --cgroup-root TREE",
    0,
    /^\{"memcg":"\/jobs","local":0,"hierarchical":0,[^\n]*\}\n$/,
    NOTHING,
  ],
  ["listen", 2, NOTHING, line("error: missing required argument 'memcg'")],
  ["listen /jobs/.. --runtime-dir RUN", 2, NOTHING, line("badnessctl: cannot take /jobs/.. for a memcg path")],
  ["listen --runtime-dir RUN /jobs -- true", 1, NOTHING, line("badnessctl: no badnessd answers on RUN/control.sock")],
  ["notify AT/plain AT/plain", 1, NOTHING, line("badnessctl: AT/plain is no cgroup.event_control")],
  ["notify AT/cgroup.event_control AT/missing", 1, NOTHING, line("badnessctl: cannot open AT/missing: ENOENT")],
  [
    "notify AT/cgroup.event_control AT/plain",
    1,
    NOTHING,
    line("badnessctl: cannot register with AT/cgroup.event_control: ENOENT"),
  ],
  ["explain --snapshot AT/good.yaml", 0, /^Out of memory: \/a\nVictim: process 7 of \/a/, NOTHING],
  ["explain --snapshot AT/broken.yaml", 78, NOTHING, line("AT/broken.yaml:3:11: pid: expected an integer")],
  ["explain --snapshot AT/missing", 78, NOTHING, line("AT/missing:1:1: cannot read: ENOENT")],
  [
    "explain --snapshot AT/broken.yaml AT/good.yaml --json",
    78,
    /^\{"victim":\{"kind":"process","pid":7,[^\n]*\}\n$/,
    line("AT/broken.yaml:3:11: "),
  ],
  [
    "explain --snapshot AT/good.yaml --json AT/broken.yaml",
    78,
    /^\{"victim":\{"kind":"process","pid":7,[^\n]*"file":"AT\/good.yaml"\}\n$/,
    line("AT/broken.yaml:3:11: "),
  ],
  [
    "explain --snapshot AT/good.yaml --compare kernel strict-priority --json",
    0,
    /^(\{"policy":[^\n]*"file":"AT\/good.yaml"\}\n){2}$/,
    NOTHING,
  ],
  [
    "explain /jobs --snapshot AT/good.yaml",
    78,
    /^AT\/good.yaml\n\nOut of memory: \/a\n/,
    line("/jobs:1:1: cannot read: ENOENT"),
  ],
  ["explain /a /b", 2, NOTHING, line("badnessctl: explain takes one memcg, got /a /b")],
  ["--json explain --snapshot AT/good.yaml", 0, /^\{"victim":\{"kind":"process","pid":7,[^\n]*\}\n$/, NOTHING],
  ["tree --cgroup-root AT", 1, NOTHING, line("badnessctl: AT is no mount point of the cgroup v1 memory controller")],
  ["tree /nowhere --cgroup-root TREE", 1, NOTHING, line("badnessctl: there is no memcg /nowhere below TREE")],
  ["tree /jobs/.. --cgroup-root TREE", 2, NOTHING, line("badnessctl: cannot take /jobs/.. for a memcg path")],
  ["tree --cgroup-root TREE", 0, /^memcg +badness .*\n\/ .*\n +jobs .*\n$/, NOTHING],
  ["tree //jobs/ --json --cgroup-root TREE", 0, /^\{"memcg":"\/jobs",[^\n]*\}\n$/, NOTHING],
  [
    "snapshot jobs --cgroup-root TREE --runtime-dir RUN",
    0,
    /^oomMemcg: "\/jobs"\nmemcgs:\n {2}- \{"path":"\/jobs",.*"rssBytes":4198400,"rssCeilingBytes":4214784[,}].*\n/,
    NOTHING,
  ],
])("badnessctl %s ends with %i", (words, code, stdout, stderr) => {
  const ended = badnessctl(...fill(words).split(" ").filter(Boolean));
  expect(ended.code).toBe(code);
  expect(ended.stdout).toMatch(new RegExp(fill(stdout.source)));
  expect(ended.stderr).toMatch(new RegExp(fill(stderr.source)));
});

test("options mean the same before the command and behind it", () => {
  const options = ["--json", "--cgroup-root", TREE, "--runtime-dir", at("run")];
  const behind = badnessctl("tree", "/jobs", ...options);
  expect(behind.code).toBe(0);
  expect(badnessctl(...options, "tree", "/jobs")).toEqual(behind);
  expect(badnessctl(...options.slice(0, 3), "tree", ...options.slice(3), "/jobs")).toEqual(behind);
});

test("tree --json prints a line a memcg, with everything in it", () => {
  const { stdout } = badnessctl("tree", "--json", "--cgroup-root", TREE, "--runtime-dir", at("run"));
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(lines.map(({ memcg }) => memcg)).toEqual(["/", "/jobs"]);
  expect(lines[1]).toMatchObject({
    badness: 5000,
    badnessFrom: "default",
    kill: "process",
    delayMs: 10_000,
    rssBytes: 4_198_400,
    limitBytes: null,
    armed: false,
    underOom: false,
  });
});

describe("explain --snapshot over every case in fixtures/snapshots", () => {
  interface Decided {
    readonly victim: { readonly pid?: number; readonly path?: string } | null;
    readonly ranked: readonly { readonly pid?: number; readonly path?: string }[];
  }
  type Expected = Snapshot & { readonly expect: { readonly victim: unknown; readonly ranked: readonly unknown[] } };
  const file = (name: string) =>
    fileURLToPath(new URL(`../../fixtures/snapshots/${name}/snapshot.yaml`, import.meta.url));
  let decided: Decided[] = [];

  beforeAll(() => {
    const { code, stdout, stderr } = badnessctl("explain", "--json", "--snapshot", ...snapshotCases.map(file));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    decided = stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as Decided);
  });

  test("is one object a line, a file a line", () => {
    expect(decided).toHaveLength(snapshotCases.length);
  });

  test.each(snapshotCases.map((name, index) => [name, index] as const))("%s is decided as expected", (name, index) => {
    const { expect: expected } = readCase(name) as Expected;
    expect(decided[index]?.victim).toEqual(expected.victim);
    expect(decided[index]?.ranked.map(({ pid, path }) => pid ?? path)).toEqual(expected.ranked);
  });

  test.each([
    ["standard input", '"$0" "$@" - < "$FILE"', 1],
    ["a pipe on it", 'cat "$FILE" | "$0" "$@" -', 1],
    ["a pipe on it by name", 'cat "$FILE" | "$0" "$@" /dev/stdin', 1],
    ["other pipes", '"$0" "$@" <(cat "$FILE") <(sleep 0.1; cat "$FILE")', 2],
  ])("is decided from %s", (_, script, lines) => {
    const command = commandLine("badnessctl", ["explain", "--json", "--snapshot"]);
    const FILE = file("deep-tree");
    const { code, stdout, stderr } = run(["env", `FILE=${FILE}`, "bash", "-c", script, ...command]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const victims = stdout
      .trimEnd()
      .split("\n")
      .map((text) => (JSON.parse(text) as Decided).victim);
    expect(victims).toEqual(Array.from({ length: lines }, () => (readCase("deep-tree") as Expected).expect.victim));
  });

  test("what is endless is refused", () => {
    const command = commandLine("badnessctl", ["explain", "--snapshot", "-"]);
    const { code, stderr } = run(["bash", "-c", '"$0" "$@" < /dev/zero', ...command]);
    expect({ code, stderr }).toEqual({ code: 78, stderr: "-:1:1: expected at most 67108864 bytes\n" });
  });

  test("a reader that has seen enough is no failure", () => {
    const many = Array.from({ length: 20 }, () => snapshotCases.map(file)).flat();
    const command = commandLine("badnessctl", ["explain", "--snapshot", ...many]);
    const { code, stdout, stderr } = run(["bash", "-c", 'set -o pipefail; "$@" | head -n 1', "bash", ...command]);
    expect({ code, lines: stdout.split("\n").length, stderr }).toEqual({ code: 0, lines: 2, stderr: "" });
  });

  test("a full disk is one", () => {
    const command = commandLine("badnessctl", ["explain", "--snapshot", file("deep-tree")]);
    const { code, stderr } = run(["sh", "-c", '"$@" > /dev/full', "sh", ...command]);
    expect(code).toBe(1);
    expect(stderr).toMatch(line("badnessctl: cannot write: ENOSPC"));
  });
});
