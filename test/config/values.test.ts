import { describe, expect, test } from "vitest";
import { minAvailable, minAvailableBytes } from "../../src/config/min-available.ts";
import { absolutePath } from "../../src/config/path-spelling.ts";
import { printReliefSteps, reliefSteps } from "../../src/config/relief-steps.ts";
import type { Parsed } from "../../src/config/values.ts";
import {
  badness,
  command,
  flag,
  killUnit,
  logFormat,
  logLevel,
  milliseconds,
  timeout,
  uid,
} from "../../src/config/values.ts";
import { fileGlobList, globList, printWords } from "../../src/config/words.ts";

const isWrong = (parsed: Parsed<unknown>) => "wrong" in parsed;

describe("a number is what is written and nothing else", () => {
  test.each([
    ["NaN"],
    [".nan"],
    [".inf"],
    ["Infinity"],
    ["-0"],
    ["+5"],
    ["-1"],
    ["1e999"],
    ["1e3"],
    ["9223372036854775808"],
    ["0x10"],
    ["0o17"],
    ["0b1"],
    ["010"],
    ["1_000"],
    ["1,000"],
    ["5 "],
    [" 5"],
    ["5\n"],
    [""],
    ["null"],
    ["1.5"],
    ["5.0"],
    ["٥"],
    ["５"],
    ["5\u200b"],
    ["10001"],
    ["NEVER"],
    ["never "],
  ])("badness %j is refused", (text) => {
    expect(badness.parse(text)).toEqual({ wrong: expect.stringContaining("expected an integer 0..10000") });
  });

  test.each([
    [badness, "0", 0],
    [badness, "10000", 10_000],
    [badness, "never", 10_000],
    [milliseconds, "0", 0],
    [milliseconds, "2147483647", 2_147_483_647],
    [uid, "0", 0],
    [uid, "4294967294", 4_294_967_294],
    [killUnit, "group", "group"],
    [killUnit, "process", "process"],
    [flag, "0", false],
    [flag, "1", true],
    [minAvailable, "4%", "4%"],
    [minAvailable, "512M", "512M"],
  ])("%# %j is taken", (type, text, value) => {
    expect(type.parse(text)).toEqual({ value });
  });

  test.each([
    [milliseconds, "2147483648"],
    [milliseconds, "10s"],
    [uid, "4294967295"],
    [uid, "root"],
    [killUnit, "Group"],
    [timeout, "0"],
    [timeout, "600001"],
    [logLevel, "warning"],
    [logFormat, "JSON"],
    [killUnit, ""],
    [flag, "yes"],
    [flag, "2"],
    [minAvailable, "0%"],
    [minAvailable, "100%"],
    [minAvailable, "4"],
    [minAvailable, "4.5%"],
    [minAvailable, "4 %"],
    [minAvailable, "1T"],
    [minAvailable, "999999999G"],
    [command, ""],
    [command, " "],
    [command, "x".repeat(4097)],
  ])("%# %j is refused", (type, text) => expect(isWrong(type.parse(text))).toBe(true));
});

test.each([
  ["4%", 1_000, 40],
  ["3%", 10, 0],
  ["512K", 1, 524_288],
  ["2G", 1, 2_147_483_648],
])("%s of %i bytes is %i", (text, total, bytes) => expect(minAvailableBytes(text, total)).toBe(bytes));

describe("steps of relief", () => {
  test.each([
    ["", [], "none"],
    ["none", [], "none"],
    ["reclaim", [{ step: "reclaim" }], "reclaim"],
    ["lend:64M\treclaim", [{ step: "lend", bytes: 2 ** 26 }, { step: "reclaim" }], "lend:64M reclaim"],
    ["lend:1024K", [{ step: "lend", bytes: 2 ** 20 }], "lend:1M"],
    ["lend:3K", [{ step: "lend", bytes: 3072 }], "lend:3K"],
  ])("%j", (text, value, printed) => {
    expect(reliefSteps.parse(text)).toEqual({ value });
    expect(printReliefSteps(value as Parameters<typeof printReliefSteps>[0])).toBe(printed);
  });

  test.each([
    ["reclaim Reclaim", 8],
    ["lend", 0],
    ["lend:", 0],
    ["lend:0M", 0],
    ["lend:64", 0],
    ["lend:64MB", 0],
    ["lend:-1M", 0],
    ["lend:999999999G", 0],
    ["reclaim none", 8],
    ["lend:1M lend:2M", 8],
    ["reclaim  reclaim", 9],
  ])("%j is refused at %i", (text, at) => expect(reliefSteps.parse(text)).toMatchObject({ at }));
});

describe("a path has one spelling", () => {
  test.each([
    ["/", "/"],
    ["//", "/"],
    ["/a", "/a"],
    ["/a/", "/a"],
    ["//a", "/a"],
    ["/a//b///", "/a/b"],
    ["/a b", "/a b"],
    ["/...", "/..."],
    ["/jobs/**", "/jobs/**"],
  ])("%s is %s", (text, value) => expect(absolutePath.parse(text)).toEqual({ value }));

  test.each([[""], ["a"], ["."], [".."], ["/.."], ["/a/../a"], ["/./a"], ["/a/."], ["*"], [`/${"a".repeat(20_000)}`]])(
    "%.20s is refused",
    (text) => expect(isWrong(absolutePath.parse(text))).toBe(true),
  );
});

describe("words of a list", () => {
  test.each([
    ["", []],
    ["/a", ["/a"]],
    ["/a  /b\t/c/", ["/a", "/b", "/c"]],
    ["/a\\040b", ["/a b"]],
    ["/a\\011b", ["/a\tb"]],
    ["/a\\043b", ["/a#b"]],
    ["/a\\134b", ["/a\\\\b"]],
    ["/a\\052b", ["/a\\*b"]],
    ["/a\\\\040b", ["/a\\\\040b"]],
    ["/a\\x2db", ["/a\\x2db"]],
    ["/a\\000b", ["/a\\000b"]],
  ])("%j", (text, globs) => expect(globList.parse(text)).toEqual({ value: globs }));

  test.each([["/a b"], ["/a\tb"], ["/a#b"], ["/a\\\\b"], ["/a\\*b"], ["/a\\\\040"]])("%j survives printing", (glob) =>
    expect(globList.parse(printWords([glob, "/z"]))).toEqual({ value: [glob, "/z"] }),
  );

  test("a fault says which word", () => {
    expect(globList.parse("/a  b")).toEqual({ wrong: 'expected a path that begins with /, got "b"', at: 4 });
  });

  test("wildcards in a directory of policy files are refused, for it could not be watched", () => {
    expect(fileGlobList.parse("/etc/*.yaml")).toEqual({ value: ["/etc/*.yaml"] });
    expect(isWrong(fileGlobList.parse("/etc/*/a.yaml"))).toBe(true);
  });
});
