import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicyText } from "../../src/config/policy-file.ts";

const parse = (text: string) => parsePolicyText("f", text);
const faultsOf = (text: string) =>
  parse(text).faults.map(({ line, column, message }) => `${line}:${column} ${message}`);

test("the example of the contract", () => {
  const text = `
memcgs:                             # glob on the memcg path
  /jobs/web-*:   { badness: 9000 }
  /jobs/batch-*: { badness: 100, kill: group, delayMs: 2000 }
processes:
  - match: { comm: postgres }
    badness: never
`;
  expect(parse(text)).toEqual({
    memcgs: [
      { glob: "/jobs/web-*", badness: 9000, where: "f:3" },
      { glob: "/jobs/batch-*", badness: 100, kill: "group", delayMs: 2000, where: "f:4" },
    ],
    processes: [{ match: { comm: "postgres" }, badness: 10_000, where: "f:6" }],
    faults: [],
  });
});

test("what comes before a kill", () => {
  const text = `
memcgs:
  /a:
    relief: reclaim lend:64M
    handler: { command: "shed --load" }
    preKill: { command: checkpoint, timeoutMs: 200 }
  /b: { relief: none, preKill: { command: checkpoint } }
`;
  const { memcgs, faults } = parse(text);
  expect(faults).toEqual([]);
  expect(memcgs).toEqual([
    {
      glob: "/a",
      relief: [{ step: "reclaim" }, { step: "lend", bytes: 2 ** 26 }],
      handler: { command: "shed --load" },
      preKill: { command: "checkpoint", timeoutMs: 200 },
      where: "f:3",
    },
    { glob: "/b", relief: [], preKill: { command: "checkpoint" }, where: "f:7" },
  ]);
});

describe("nothing to say is no fault", () => {
  test.each([
    [""],
    ["# only a comment\n"],
    ["---\n"],
    ["{}"],
    ["memcgs:\nprocesses:\n"],
    ["memcgs: {}\nprocesses: []"],
    ["\r\n"],
  ])("%j", (text) => expect(parse(text)).toEqual({ memcgs: [], processes: [], faults: [] }));
});

describe("bad values", () => {
  test.each([
    [".nan", '".nan"'],
    ["NaN", '"NaN"'],
    [".inf", '".inf"'],
    ["-0", '"-0"'],
    ["1e999", '"1e999"'],
    ["9223372036854775808", '"9223372036854775808"'],
    ["0x10", '"0x10"'],
    ["0o17", '"0o17"'],
    ["1_000", '"1_000"'],
    ['"5 "', '"5 "'],
    ["null", '"null"'],
    ["~", '"~"'],
    ["", "nothing"],
    ["[5]", "a list"],
    ["{ a: 5 }", "a mapping"],
    ["1.5", '"1.5"'],
    ["10001", '"10001"'],
    ["-1", '"-1"'],
    ["true", '"true"'],
  ])("badness: %s", (value, got) => {
    const [fault, ...others] = parse(`memcgs:\n  /a:\n    badness: ${value}`).faults;
    expect(fault?.message).toBe(`expected an integer 0..10000 or "never", got ${got}`);
    expect([fault?.line, others]).toEqual([3, []]);
  });

  test.each([
    ["memcgs: { /a: { kill: all } }", '1:23 expected "process" or "group", got "all"'],
    [
      "memcgs: { /a: { delayMs: 2147483648 } }",
      '1:26 expected milliseconds, an integer 0..2147483647, got "2147483648"',
    ],
    ["memcgs: { a: {} }", '1:11 expected a path that begins with /, got "a"'],
    ["memcgs: { /a/../a: {} }", '1:11 expected a path without "..", got "/a/../a"'],
    [
      "memcgs: { /a: 5 }",
      '1:15 expected a mapping with badness, kill, delayMs, relief, handler, preKill, policy, got "5"',
    ],
    ["memcgs: []", "1:9 expected a mapping with globs on memcg paths, got a list"],
    ["processes: {}", "1:12 expected a list of rules, each with match and badness, got a mapping"],
    ["processes: [{ badness: 5 }]", '1:13 expected the key "match"'],
    ["processes: [{ match: { uid: 1 } }]", '1:13 expected the key "badness"'],
    ["processes: [{ match: {}, badness: 5 }]", "1:22 expected at least one of comm, exe, uid, memcg"],
    [
      "processes: [{ match: { uid: root }, badness: 5 }]",
      '1:29 expected a user id, an integer 0..4294967294, got "root"',
    ],
    [
      "processes: [{ match: { comm: sixteen-letters1 }, badness: 5 }]",
      '1:30 expected a command name of 1..15 bytes, got "sixteen-letters1"',
    ],
    ["processes: [{ match: { exe: bin/x }, badness: 5 }]", '1:29 expected a path that begins with /, got "bin/x"'],
    ["- a", "1:1 expected a mapping with memcgs, processes, got a list"],
    ["memcg: {}", '1:1 unknown key "memcg", expected one of memcgs, processes'],
    [
      "memcgs: { /a: { badnes: 1 } }",
      '1:17 unknown key "badnes", expected one of badness, kill, delayMs, relief, handler, preKill, policy',
    ],
    ["memcgs: { /a: { preKill: x } }", '1:26 expected a mapping with command, timeoutMs, got "x"'],
    ["memcgs: { /a: { preKill: { timeoutMs: 1 } } }", '1:17 expected the key "command"'],
    ["memcgs: { /a: { handler: { command: [x] } } }", "1:37 expected a command of 1..4096 characters, got a list"],
    [
      "memcgs: { /a: { handler: { command: x, timeoutMs: 1 } } }",
      '1:40 unknown key "timeoutMs", expected one of command',
    ],
    [
      "memcgs: { /a: { relief: lend } }",
      '1:25 expected reclaim, lend:AMOUNT in K, M or G, blanks between them, or "none", got "lend"',
    ],
  ])("%s", (text, fault) => expect(faultsOf(text)).toEqual([fault]));

  test("all at once, in the order of the file", () => {
    const text = "x: 1\nmemcgs:\n  a: {}\n  /b: { y: 1, z: 2, badness: q }\n";
    expect(parse(text).faults.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [3, 3],
      [4, 9],
      [4, 15],
      [4, 30],
    ]);
  });
});

describe("broken or hostile YAML", () => {
  const deep = "[".repeat(100_000);
  const dashes = "- ".repeat(100_000);
  const grow = (line: (index: number) => string) =>
    Array.from({ length: 30 }, (_, index) => line(index + 1)).join("\n");
  const bomb = `x0: &x0 [a]\n${grow((i) => `x${i}: &x${i} [*x${i - 1}, *x${i - 1}, *x${i - 1}]`)}`;
  const merges = `x0: &x0 {a: b}\n${grow((i) => `x${i}: &x${i} {<<: [*x${i - 1}, *x${i - 1}, *x${i - 1}]}`)}`;

  test.each([
    ["a tab", "memcgs:\n\t/a: {}", 2, 1, "Tabs are not allowed"],
    ["a duplicate key", "memcgs:\n  /a: {}\n  /a: {}", 3, 3, 'duplicate key "/a"'],
    ["NUL", "memcgs:\n  /\0: {}", 2, 4, "NUL"],
    ["truncated", "memcgs: { /a: {", 1, 16, "end with a }"],
    ["two documents", "{}\n---\n{}", 2, 1, "expected one document"],
    ["deep brackets", deep, 1, 33, "levels of nesting"],
    ["deep dashes", dashes, 1, 65, "levels of nesting"],
    ["an alias bomb", bomb, 11, 12, "aliases stand for more than"],
    ["a merge bomb", merges, 10, 20, "aliases stand for more than"],
    ["an alias to itself", "memcgs: &a { /a: *a }", 1, 18, "no anchor before it"],
    ["an unknown alias", "memcgs: *a", 1, 9, "no anchor before it"],
    ["a merge of text", "memcgs: { <<: a }", 1, 15, "expected a mapping to merge"],
    ["a list as a key", "? [a]\n: b", 1, 3, "expected a key that is plain text"],
    ["a tag", "memcgs: { /a: { badness: !!int 5 } }", 1, 26, "Unresolved tag"],
    ["__proto__", "__proto__: { a: 1 }", 1, 1, 'unknown key "__proto__"'],
    ["__proto__ among memcgs", "memcgs: { __proto__: { badness: 1 } }", 1, 11, 'unknown key "__proto__"'],
    ["constructor", "constructor: { prototype: {} }", 1, 1, 'unknown key "constructor"'],
    ["an escape of a terminal", '"\\e[31m": 1', 1, 1, "\\u001b[31m"],
  ])("%s", (_, text, line, column, message) => {
    expect(parse(text).faults[0]).toEqual({ file: "f", line, column, message: expect.stringContaining(message) });
    expect(Object.prototype).not.toHaveProperty("badness");
  });

  test("anchors and merges in moderation are fine", () => {
    const text = "memcgs:\n  /a: &a { badness: 1, kill: group }\n  /b: *a\n  /c: { <<: *a, badness: 2 }";
    expect(parse(text).memcgs).toEqual([
      { glob: "/a", badness: 1, kill: "group", where: "f:2" },
      { glob: "/b", badness: 1, kill: "group", where: "f:3" },
      { glob: "/c", badness: 2, kill: "group", where: "f:4" },
    ]);
  });

  test("a fault in what is merged points at the place that merges", () => {
    expect(faultsOf("memcgs:\n  /b: { <<: { badness: x } }")).toEqual([
      '2:7 expected an integer 0..10000 or "never", got "x"',
    ]);
  });
});

test("no text makes the parser throw, and every fault has a place", () => {
  const piece = fc.constantFrom(
    ..."{ } [ ] , : - ? & * ! | > ' \" % @ # a &a *a << memcgs: processes: match: badness: 1 /a --- ...".split(" "),
    " ",
    "\n",
    "\n  ",
    "\t",
    "\r\n",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const { line, column, message } of parse(input).faults) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 1_000 },
  );
});
