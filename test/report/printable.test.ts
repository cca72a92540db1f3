import { expect, test } from "vitest";
import { printable, printablePath } from "../../src/report/printable.ts";
import { printSize, printSizes } from "../../src/report/sizes.ts";

test.each([
  ["plain", "plain"],
  ["()()())))(((()))()()", "()()())))(((()))()()"],
  ["\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
  ["\x1b]0;title\x07", "\\x1b]0;title\\x07"],
  ["a\nb\r\tc\0", "a\\x0ab\\x0d\\x09c\\x00"],
  ["\x7f\x9b", "\\x7f\\x9b"],
  ["\udcff\udc80", "\\xff\\x80"],
  ["\ud800x", "\\u{d800}x"],
  ["\u202egpj.exe\u2066\u200b", "\\u{202e}gpj.exe\\u{2066}\\u{200b}"],
  ["a\u2028b", "a\\u{2028}b"],
  ["naïve 日本 😀", "naïve 日本 😀"],
  ["dev-disk-by\\x2duuid.slice", "dev-disk-by\\x2duuid.slice"],
])("%j is shown as %s", (name, shown) => {
  expect(printable(name)).toBe(shown);
});

test("a path that would fill the screen is cut in its middle", () => {
  const shown = printablePath(`/${"a".repeat(8000)}/end`);
  expect(shown).toHaveLength(100);
  expect(shown).toMatch(/^\/a+…a+\/end$/);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KiB"],
  [1024, "1.0 KiB"],
  [10_239, "10 KiB"],
  [1_023_000, "999 KiB"],
  [1_023_488, "1.0 MiB"],
  [80 * 2 ** 20, "80 MiB"],
  [2 ** 50, "1.0 PiB"],
  [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
])("%i bytes are %s", (bytes, text) => {
  expect(printSize(bytes)).toBe(text);
});

test("two sizes that differ never look the same", () => {
  expect(printSizes(4096, 4097)).toEqual(["4096 B", "4097 B"]);
  expect(printSizes(4096, 4096)).toEqual(["4.0 KiB", "4.0 KiB"]);
  expect(printSizes(4096, 8192)).toEqual(["4.0 KiB", "8.0 KiB"]);
});
