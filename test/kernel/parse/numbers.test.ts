import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseNumber, parsePids } from "../../../src/kernel/parse/numbers.ts";

test.each([
  ["some", "1\n22\n333\n", [1, 22, 333]],
  ["nobody", "", []],
  ["a blank line", "\n", []],
  ["blank lines between", "1\n\n2\n", [1, 2]],
  ["zeros of another pid namespace", "0\n5\n0\n", [5]],
  ["nothing but zeros", "0\n0\n", []],
  ["CRLF", "1\r\n2\r\n", [1, 2]],
  ["no line end", "1\n2", [1, 2]],
  ["words and signs", "x\n-1\n2\n3.5\n", [2]],
  ["more than a number can hold", "99999999999999999999\n2\n", [2]],
  ["out of order and twice", "3\n1\n3\n", [3, 1, 3]],
])("pids: %s", (_, text, pids) => {
  expect(parsePids(text)).toEqual(pids);
});

test.each([
  ["a number", "4096\n", 4096],
  ["zero", "0\n", 0],
  ["-1000 of oom_score_adj", "-1000\n", -1000],
  ["no limit", "9223372036854771712\n", 2 ** 63 - 4096],
  ["blanks around it", " 7 \r\n", 7],
  ["a word", "max\n", null],
  ["two numbers", "1 2\n", null],
  ["two lines", "1\n2\n", null],
  ["hexadecimal", "0x10\n", null],
  ["an exponent", "1e3\n", null],
  ["a fraction", "1.5\n", null],
  ["a sign alone", "-\n", null],
  ["plus", "+1\n", null],
  ["empty", "", null],
])("one number: %s", (_, text, value) => {
  expect(parseNumber(text)).toBe(value);
});

test("no text makes them throw, and pids are always positive integers", () => {
  const piece = fc.constantFrom("0", "1", "9", "-", "\n", " ", "e", ".", "x");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (each) => {
      expect(parsePids(each).every((pid) => Number.isSafeInteger(pid) && pid > 0)).toBe(true);
      expect(Number.isNaN(parseNumber(each) ?? 0)).toBe(false);
    }),
  );
});
