import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULTS } from "../../src/config/keys.ts";
import { applySysctlText } from "../../src/config/sysctl-file.ts";

const apply = (text: string) => applySysctlText(DEFAULTS, "f", text);

describe("what sysctl.conf allows", () => {
  test.each([
    ["empty", "", {}],
    ["plain", "oom.delay_ms = 5", { delayMs: 5 }],
    ["without blanks", "oom.delay_ms=5", { delayMs: 5 }],
    ["blanks all around", "\t oom.delay_ms \t=\t 5 \t", { delayMs: 5 }],
    ["slashes", "oom/delay_ms = 5", { delayMs: 5 }],
    ["comments", "# a\n ; b\n\noom.delay_ms = 5", { delayMs: 5 }],
    ["a comment behind a value", "oom.delay_ms = 5   # five", { delayMs: 5 }],
    ["a # within a word", "oom.guard = /a#b", { guard: ["/a#b"] }],
    ["a comment for a value", "oom.guard = # none", { guard: [] }],
    ["CRLF", "oom.delay_ms = 5\r\noom.dry_run = 1\r\n", { delayMs: 5, dryRun: true }],
    ["a later line overrides", "oom.delay_ms = 5\noom.delay_ms = 6", { delayMs: 6 }],
    ["an unknown key forgiven", "-oom.nope = 5", {}],
    ["a known key forgiven", "- oom.delay_ms = 5", { delayMs: 5 }],
    ["a blank in a name", "oom.guard = /a\\040b /c", { guard: ["/a b", "/c"] }],
    ["= in a value", "oom.guard = /a=b", { guard: ["/a=b"] }],
  ])("%s", (_, text, changed) => {
    expect(apply(text)).toEqual({ settings: { ...DEFAULTS, ...changed }, faults: [] });
  });
});

describe("faults say where", () => {
  test.each([
    ["oom.nope = 1", 1, 1, 'unknown key "oom.nope"'],
    ["\n  oom.delay_ms = 0x10", 2, 18, 'got "0x10"'],
    ["oom.delay_ms = 1 2", 1, 16, 'got "1 2"'],
    ["oom.delay_ms =", 1, 15, "got nothing"],
    ["-oom.delay_ms = x", 1, 17, 'got "x"'],
    ["oom.guard = /a b", 1, 16, 'got "b"'],
    ["oom.guard = /a /b/../c", 1, 16, 'expected a path without ".."'],
    ["  hello", 1, 3, 'expected KEY = VALUE, got "hello"'],
    ["= 1", 1, 1, "expected KEY = VALUE"],
    ["a\0 = 1", 1, 2, "NUL"],
    ["# fine\noom.guard = /\0", 2, 14, "NUL"],
    ["oom.\u001b[31m = 1", 1, 1, "\\u001b[31m"],
    ["oom.\u202e = 1", 1, 1, "\\u{202e}"],
    ["__proto__ = 1", 1, 1, 'unknown key "__proto__"'],
  ])("%j", (text, line, column, message) => {
    expect(apply(text).faults).toEqual([{ file: "f", line, column, message: expect.stringContaining(message) }]);
  });

  test("all of them at once", () => {
    expect(apply("a\noom.enabled = 2\nb = 1").faults.map((fault) => fault.line)).toEqual([1, 2, 3]);
  });

  test.each([
    ["oom.guard = a /ok b /../x //y", [13, 19, 21]],
    ["oom.policy_files = p /ok/*.yaml /*/q", [20, 33]],
    ["oom.relief = lend reclaim wait reclaim", [14, 27, 32]],
  ])("those of one value, each at its word: %j", (text, columns) => {
    expect(apply(text).faults.map(({ column }) => column)).toEqual(columns);
  });
});

test.each([[" "], ["a "], ["-"], ["="], ["oom.guard = "], ["oom.guard = /a"], ["#"], ["\\"]])(
  "a line of a million of %j takes no time",
  (piece) => {
    const began = performance.now();
    apply(piece + piece.slice(-1).repeat(1_000_000));
    apply(`${piece}${" ".repeat(1_000_000)}x`);
    expect(performance.now() - began).toBeLessThan(1_000);
  },
);

test("no text makes the parser throw, and every fault has a place", () => {
  const piece = fc.constantFrom(
    "oom.",
    "guard",
    "delay_ms",
    "=",
    " ",
    "\n",
    "\r\n",
    "#",
    ";",
    "-",
    "/",
    "\\040",
    "9",
    "\0",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (input) => {
      const lines = input.split("\n");
      for (const { line, column, message } of apply(input).faults) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});
