import { expect, test } from "vitest";
import { isPrintedPath } from "../../src/kernel/process.ts";

const LONG = `/${"é".repeat(3_000)}`;
const OTHER = `/b${"é".repeat(3_000)}`;
/** As the kernel cuts it off, in the middle of a character. */
const CUT = `/${"é".repeat(2_047)}`;

test.each([
  ["/a", "/a", true],
  ["/a", "/ab", false],
  ["/a", "/a/b", false],
  ["/", "/a", false],
  [null, "/a", false],
  ["", "/a", false],
  [LONG, LONG, true],
  [CUT, LONG, true],
  [CUT, OTHER, false],
  [CUT, CUT, true],
  [`${CUT.slice(0, -1)}\udcc3`, LONG, false],
  [`/${"d".repeat(4_094)}`, `/${"d".repeat(4_095)}`, true],
  [`/${"d".repeat(4_093)}`, `/${"d".repeat(4_095)}`, false],
  ["", LONG, true],
])("%# what is printed is the memcg, as far as it is printed", (printed, path, is) => {
  expect(isPrintedPath(printed, path)).toBe(is);
});
