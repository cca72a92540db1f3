import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printSnapshot } from "../../src/snapshot/print.ts";
import { parseSnapshot } from "../../src/snapshot/read.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import { anySnapshot } from "../support/any-snapshot.ts";
import { readCase, snapshotCases, snapshotOf } from "../support/snapshot-fixtures.ts";

const BADNESS = 'expected an integer 0..10000 or "never", got';

describe("a broken text", () => {
  test.each([
    ["empty", "", ["1:1: expected a map with oomMemcg, memcgs and tasks, got null"]],
    ["byte order mark alone", "\ufeff", ["1:1: expected a map with oomMemcg, memcgs and tasks, got null"]],
    ["a word", "oomMemcg", ['1:1: expected a map with oomMemcg, memcgs and tasks, got "oomMemcg"']],
    ["a list", "[]", ["1:1: expected key oomMemcg"]],
    ["tab", "oomMemcg: /\nmemcgs:\n\t- path: /", ["3:1: Tabs are not allowed as indentation"]],
    ["key twice", "oomMemcg: /\noomMemcg: /", ['2:1: expected key "oomMemcg" once']],
    ["key twice inside", "oomMemcg: /\nmemcgs: [{ path: /a, path: /b }]", ['2:22: expected key "path" once']],
    ["NUL", "oomMemcg: /\0", ["1:12: expected text, got a NUL byte"]],
    ["NUL, escaped", 'oomMemcg: "/\\0"', ['1:11: oomMemcg: expected a path without NUL, got "/\\u0000"']],
    ["two documents", "oomMemcg: /\n---\noomMemcg: /", ["2:1: expected one document, got another"]],
    ["alias of nothing", "oomMemcg: *a", ["1:1: Unresolved alias (the anchor must be set before the alias): a"]],
    ["deep flow", "[".repeat(9000), ["1:65: expected at most 64 levels of nesting"]],
    ["deep dashes", "- ".repeat(9000), ["1:129: expected at most 64 levels of nesting"]],
    ["deep maps", "{a: ".repeat(9000), ["1:257: expected at most 64 levels of nesting"]],
    ["deep questions", "? ".repeat(9000), ["1:129: expected at most 64 levels of nesting"]],
    ["too much", `[${"1,".repeat(1_100_000)}]`, ["1:1: expected at most 2000000 tokens"]],
    ["memcgs no list", "oomMemcg: /\nmemcgs: {}", ["2:9: memcgs: expected a list, got a map"]],
    ["memcgs of a word", "oomMemcg: /\nmemcgs: none", ['2:9: memcgs: expected a list, got "none"']],
    ["memcg no map", "oomMemcg: /\nmemcgs: [/a]", ['2:10: memcgs: expected a map, got "/a"']],
    ["no oomMemcg", "memcgs: []", ["1:1: expected key oomMemcg"]],
    ["no pid", "oomMemcg: /\ntasks: [{ memcg: / }]", ["2:9: expected key pid"]],
    [
      "pid twice",
      "oomMemcg: /\ntasks: [{ pid: 7, memcg: / }, { pid: 7, memcg: /b }]",
      ["2:38: pid: expected 7 once, got it again"],
    ],
    [
      "path twice",
      "oomMemcg: /\nmemcgs: [{ path: /a }, { path: //a/ }]",
      ['2:32: path: expected "/a" once, got it again'],
    ],
    ["exclude", "oomMemcg: /\nexclude: [1, x]", ['2:14: exclude: expected an integer 1..2147483647, got "x"']],
  ])("%s", (_, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  test("an alias bomb", () => {
    const lines = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const name of "bcdefghi") {
      const before = String.fromCharCode(name.charCodeAt(0) - 1);
      lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`);
    }
    expect(faultsOf(lines.join("\n"))).toEqual(["1:1: Excessive alias count indicates a resource exhaustion attack"]);
  });

  test("every fault at once, in the order of the text", () => {
    const text = `oomMemcg: a
memcgs:
  - { path: /a/../b, badness: 10001 }
  - { path: /c, kill: all }
tasks:
  - { pid: 0, memcg: /a, state: SS, kernelThread: 1 }
`;
    expect(faultsOf(text)).toEqual([
      '1:11: oomMemcg: expected a path that begins with /, got "a"',
      '3:13: path: expected a path without "..", got "/a/../b"',
      `3:31: badness: ${BADNESS} 10001`,
      '4:23: kill: expected "process" or "group", got "all"',
      "6:12: pid: expected an integer 1..2147483647, got 0",
      '6:33: state: expected one letter, got "SS"',
      "6:51: kernelThread: expected true or false, got 1",
    ]);
  });
});

describe("badness", () => {
  test.each([
    ["0", 0],
    ["10000", 10_000],
    ["never", 10_000],
    ["'never'", 10_000],
    ['"5"', 5],
  ])("%s", (text, badness) => {
    expect(snapshotOf(`oomMemcg: /\nmemcgs: [{ path: /, badness: ${text} }]`).memcgs[0]?.badness).toBe(badness);
  });

  test.each([
    ["NaN", '"NaN"'],
    [".nan", '".nan"'],
    [".inf", '".inf"'],
    ["-0", '"-0"'],
    ["-1", "-1"],
    ["+5", '"+5"'],
    ["1e999", '"1e999"'],
    ["1e3", '"1e3"'],
    ["9223372036854775808", "9223372036854775808"],
    ["0x10", '"0x10"'],
    ["0o17", '"0o17"'],
    ["010", '"010"'],
    ["1_000", '"1_000"'],
    ['"5 "', '"5 "'],
    ['"05"', '"05"'],
    ["null", "null"],
    ["~", "null"],
    ["true", "true"],
    ["[5]", "a list"],
    ["{ a: 5 }", "a map"],
    ["5.5", '"5.5"'],
    ["5.0", '"5.0"'],
    ["10001", "10001"],
    ["Never", '"Never"'],
    ["٥", '"٥"'],
  ])("%s is refused", (text, shown) => {
    const [fault = ""] = faultsOf(`oomMemcg: /\nmemcgs: [{ path: /, badness: ${text} }]`);
    expect(fault.replaceAll("9223372036854776000", "9223372036854775808")).toBe(`2:30: badness: ${BADNESS} ${shown}`);
  });
});

test.each([["/a"], ["/a/"], ["//a"], ["///a//"]])("%s is /a", (path) => {
  expect(snapshotOf(`oomMemcg: ${path}`).oomMemcg).toBe("/a");
});

test("keys that are not known are kept and ignored, whatever they are called", () => {
  const text =
    '{"oomMemcg":"/","kernel":{"any":["thing"]},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const snapshot = snapshotOf(text);
  expect(snapshot).toMatchObject({ kernel: { any: ["thing"] } });
  expect("polluted" in {}).toBe(false);
  expect("polluted" in snapshot).toBe(false);
  expect(printSnapshot(snapshot)).toContain('"kernel": {"any":["thing"]}');
});

test("a key that the format does not name may have any value, and counts where it can be used", () => {
  const given = snapshotOf(`oomMemcg: /
decidedBy: me
memcgs:
  - { path: /a, limitBytes: max, usageBytes: null, swapBytes: none, preference: high, pgScans: 7, owner: { uid: 5 } }
  - { path: /b, memoryPressure: low, io: { readBytes: 1 }, rssCeilingBytes: -1, protectedBytes: 9 }
tasks:
  - { pid: 7, memcg: /a, dying: perhaps, swapBytes: 1.5, pageTableBytes: 4096 }`);
  expect(given).toStrictEqual({
    oomMemcg: "/",
    memcgs: [
      { path: "/a", pgScans: 7, owner: { uid: 5 } },
      { path: "/b", protectedBytes: 9 },
    ],
    tasks: [{ pid: 7, memcg: "/a", pageTableBytes: 4096 }],
    exclude: [],
  });
});

test("a list without entries may be empty text", () => {
  expect(snapshotOf("oomMemcg: /\nmemcgs:\ntasks:\nexclude:")).toEqual(snapshotOf("oomMemcg: /"));
});

test.each([
  ["123", "123"],
  ["true", "true"],
  ["1.50", "1.50"],
  ["0x10", "0x10"],
  ["null", ""],
])("a process called %s without quotes is called so", (text, comm) => {
  expect(snapshotOf(`oomMemcg: /\ntasks: [{ pid: 7, memcg: /, comm: ${text} }]`).tasks[0]?.comm).toBe(comm);
});

describe("printing and reading again gives the same", () => {
  test.each(snapshotCases)("%s", (name) => {
    expect(snapshotOf(printSnapshot(readCase(name)))).toEqual(readCase(name));
  });

  test("whatever it is", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        expect(snapshotOf(printSnapshot(snapshot))).toEqual(snapshot);
      }),
      { numRuns: 200 },
    );
  });
});

test("a memcg or process a line, with nothing that a terminal obeys", () => {
  const text = printSnapshot({
    oomMemcg: "/j",
    memcgs: [{ path: "/j/\udcff", badness: 10_000, kill: "group", rssCeilingBytes: 4096 }],
    tasks: [{ pid: 7, memcg: "/j", comm: "\x1b[31m\x7f\x9b\u2028\u202e", dying: true }],
    exclude: [1],
  });
  expect(text).toBe(`oomMemcg: "/j"
memcgs:
  - {"path":"/j/\\udcff","badness":10000,"kill":"group","rssCeilingBytes":4096}
tasks:
  - {"pid":7,"memcg":"/j","comm":"\\u001b[31m\\u007f\\u009b\\u2028\\u202e","dying":true}
exclude: [1]
`);
});

test("a tree has defaults, implied memcgs and sums, and nothing from elsewhere", () => {
  const root = hierarchyOf(
    snapshotOf("{oomMemcg: /j, tasks: [{pid: 7, memcg: /j/a/b, rssBytes: 5}, {pid: 8, memcg: /k}]}"),
  );
  expect(root).toMatchObject({
    path: "/j",
    badness: 5000,
    kill: "process",
    rssBytes: 5,
    rssCeilingBytes: 5,
    tasks: [],
  });
  const bottom = root.children[0]?.children[0];
  expect(bottom).toMatchObject({ path: "/j/a/b", rssBytes: 5, knownRssBytes: 5, knownRssCeilingBytes: 5 });
  expect(bottom?.tasks[0]).toMatchObject({ pid: 7, badness: 5000, oomScoreAdj: 0, state: "S", dying: false });
});

test("a ceiling without a size says that the size was never read", () => {
  const root = hierarchyOf(snapshotOf("{oomMemcg: /j, memcgs: [{path: /j, rssCeilingBytes: 9}]}"));
  expect(root).toMatchObject({ knownRssBytes: undefined, knownRssCeilingBytes: 9, rssCeilingBytes: 9 });
});

test("10,000 memcgs and processes are read in seconds", () => {
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `  - {"pid":${index + 2},"memcg":"/j/${index}","comm":"x"}`,
  );
  expect(hierarchyOf(snapshotOf(`oomMemcg: /j\ntasks:\n${lines.join("\n")}`)).children).toHaveLength(10_000);
});

function faultsOf(text: string): string[] {
  const parsed = parseSnapshot(text);
  return "snapshot" in parsed ? [] : parsed.faults.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}
