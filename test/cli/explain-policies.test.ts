import { writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { policies } from "../../policies/index.ts";
import { badnessctl } from "../support/commands.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { treeDirectory } from "../support/tree-fixtures.ts";

const at = temporaryDirectory();
const MODULE = `export default {
  name: "smallest", summary: "the least swap", walk: "memcgs",
  rankForKilling: (all) => [...all].sort((a, b) => a.memcg.facts.swapBytes - b.memcg.facts.swapBytes),
  describeKill: () => "least of all",
};`;

beforeAll(() => {
  writeFileSync(at("smallest.mjs"), MODULE);
  writeFileSync(at("throws.mjs"), `${MODULE.replace("(all) => [...all]", "(all) => all.none")}`);
  writeFileSync(at("later.mjs"), `${MODULE.replace("(all) => [...all]", "async (all) => all.none")}`);
  const snapshot = (decidedBy: string) => `oomMemcg: /m
memcgs:
  - { path: /m/a, badness: 1, swapBytes: 5 }
  - { path: /m/b, badness: 2, swapBytes: 9, sample: { total: 1, atMs: 1, perSecond: 4 } }
tasks: [{ pid: 7, memcg: /m/a, rssBytes: 4096 }, { pid: 8, memcg: /m/b, rssBytes: 8192 }]
${decidedBy}`;
  writeFileSync(at("plain.yaml"), snapshot(""));
  writeFileSync(at("swap.yaml"), snapshot("decidedBy: { name: swap-usage, args: { thresholdBytes: 6, dry: true } }"));
  writeFileSync(at("scan.yaml"), snapshot("decidedBy: { name: pg-scan, args: {} }"));
  writeFileSync(at("gone.yaml"), snapshot("decidedBy: { name: /no/such.mjs, args: {} }"));
});

const explain = (...words: string[]) => {
  const ended = badnessctl("explain", "--snapshot", ...words);
  return {
    ...ended,
    json:
      words.includes("--json") && ended.code === 0
        ? ended.stdout
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
  };
};

test.each([
  [
    "strict-priority decides where nobody is named",
    ["plain.yaml"],
    "strict-priority",
    { kind: "process", pid: 7, memcg: "/m/a" },
  ],
  [
    "who decided decides again, whatever else it was told to do",
    ["swap.yaml"],
    "swap-usage",
    { kind: "memcg", path: "/m/b", pids: [8] },
  ],
  ["with what it had kept of the past", ["scan.yaml"], "pg-scan", { kind: "memcg", path: "/m/b", pids: [8] }],
  [
    "unless another is named",
    ["swap.yaml", "--policy", "kernel"],
    "kernel",
    { kind: "process", pid: 8, memcg: "/m/b" },
  ],
  [
    "with arguments",
    ["swap.yaml", "--policy", "swap-usage cgroup=/m/a"],
    "swap-usage",
    { kind: "memcg", path: "/m/a", pids: [7] },
  ],
  [
    "one that knows nobody is followed by strict-priority",
    ["plain.yaml", "--policy", "swap-usage thresholdBytes=99"],
    "strict-priority",
    { kind: "process", pid: 7, memcg: "/m/a" },
  ],
])("%s", (_, [file = "", ...words], policy, victim) => {
  const { code, stderr, json } = explain(at(file), ...words, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  expect(json[0]).toMatchObject({ victim, policy });
});

test("the ranking has everybody once: those of the policy, then the others", () => {
  const [{ ranked }] = explain(at("swap.yaml"), "--json").json;
  expect(ranked).toEqual([
    { kind: "memcg", path: "/m/b", pids: [8] },
    { kind: "process", pid: 7, memcg: "/m/a" },
  ]);
});

test("a module of the user's", () => {
  const { stdout } = explain(at("plain.yaml"), "--policy", at("smallest.mjs"));
  expect(stdout).toMatch(
    /^Out of memory: \/m\nVictim: all of \/m\/a: 1 process, 4\.0 KiB\nPolicy smallest: the least swap\.\n/,
  );
  expect(stdout).toMatch(/→ memcg a .* least of all\n {2}memcg b .* later in the order\n/);
});

test.each([
  ["throws.mjs", "it threw "],
  ["later.mjs", "it gave a promise, and policies are synchronous"],
])("one that fails is said to, and strict-priority decides: %s", (name, why) => {
  const { code, stdout, stderr } = explain(at("plain.yaml"), "--policy", at(name));
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    new RegExp(`^Policy smallest is passed over: ${why}.*\\.\nOut of memory: /m\nVictim: process 7 `),
  );
});

test("side by side", () => {
  const { stdout } = explain(at("plain.yaml"), "--compare");
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(rows[0]).toEqual(["policy", "victim", "why"]);
  expect(rows.slice(1).map(([name]) => name)).toEqual([...policies.keys()]);
  expect(rows).toContainEqual(["strict-priority", "process 7 of /m/a, 4.0 KiB", "lowest badness"]);
  expect(rows).toContainEqual(["swap-usage", "all of /m/b: 1, 8.0 KiB", "most in swap"]);
});

test("one of them twice is told apart by its arguments", () => {
  const { stdout } = explain(at("plain.yaml"), "--compare", "kernel cgroup=/m/a", "kernel");
  expect(stdout).toMatch(/^policy .*\nkernel cgroup=\/m\/a {2,}process 7 .*\nkernel {2,}process 8 /);
});

test("some of them, as JSON", () => {
  const { json } = explain(
    at("plain.yaml"),
    "--json",
    "--compare",
    "swap-usage thresholdBytes=99",
    "kernel",
    at("throws.mjs"),
  );
  expect(json).toMatchObject([
    { policy: "swap-usage", words: "swap-usage thresholdBytes=99", victim: null },
    { policy: "kernel", words: "kernel", victim: { kind: "process", pid: 8 } },
    { policy: "smallest", victim: null, failed: expect.stringMatching(/^it threw /) },
  ]);
});

test.each([
  [["--policy", "nobody"], 2, /unknown policy "nobody", expected one of strict-priority, /],
  [["--policy", "kernel colour=red"], 2, /colour: unknown argument "colour"/],
  [["--policy", "kernel dry"], 2, /--policy: expected KEY=VALUE, got "dry"/],
  [["--compare", "nobody"], 2, /unknown policy "nobody"/],
  [["--policy", "kernel", "--compare"], 2, /name --policy or --compare, one of them/],
  [["--policy", "/no/such.mjs"], 2, /policy "\/no\/such\.mjs": it is refused: cannot read it: ENOENT/],
])("%j: one line that says what", (words, code, stderr) => {
  const ended = explain(at("plain.yaml"), ...words);
  expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  expect(ended.stderr.trimEnd()).not.toContain("\n");
});

test("who decided is not here", () => {
  const { code, stderr } = explain(at("gone.yaml"));
  expect(code).toBe(78);
  expect(stderr).toMatch(
    /gone\.yaml: cannot decide as it was decided: policy "\/no\/such\.mjs": .*; name another with --policy\n$/,
  );
});

test("what is in force decides over the live hierarchy; any other may be asked", () => {
  const live = ["/jobs", "--cgroup-root", `${treeDirectory("every-policy")}/sys`, "--runtime-dir", at("run")];
  for (const words of [
    ["explain"],
    ["explain", "--policy", "memory-size-or-growth"],
    ["explain", "--compare", "--json"],
  ]) {
    const [command = "", ...options] = words;
    expect(badnessctl(command, ...live, ...options)).toMatchObject({ code: 0, stderr: "" });
  }
  const refused = badnessctl("explain", ...live, "--policy", "pressure");
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/needs memory\.pressure \(cgroup v2\), which this kernel does not have/),
  });
});

test("badnessctl policies tells of every one, its arguments, and what is lacking here", () => {
  const root = ["--cgroup-root", `${treeDirectory("every-policy")}/sys`];
  const lines = badnessctl("policies", "--json", ...root)
    .stdout.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ name }) => name)).toEqual([...policies.keys()]);
  expect(lines.find(({ name }) => name === "swap-usage")).toMatchObject({
    walk: "memcgs",
    lacking: null,
    arguments: expect.arrayContaining([
      expect.objectContaining({ name: "thresholdBytes", default: 1 }),
      expect.objectContaining({ name: "recursive", default: false }),
      expect.objectContaining({ name: "cgroup", default: null }),
    ]),
  });
  expect(lines.find(({ name }) => name === "pg-scan")?.lacking).toMatch(/needs pgscan in memory\.stat/);
  const screen = badnessctl("policies", ...root).stdout;
  expect(screen).toMatch(/^pressure: .*\n {2}not here: policy pressure needs/m);
  // What every policy takes is told once, and again where it is otherwise by itself.
  expect(screen.match(/^ {2}recursive +false/gm)).toHaveLength(5);
  expect(screen.match(/^ {2}recursive +true/gm)).toHaveLength(1);
});
