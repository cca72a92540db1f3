import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOf, shortenMiddle, toCells, toCellsRight } from "../../../src/cli/top/cells.ts";
import { printable } from "../../../src/report/printable.ts";

test.each([
  ["", 0],
  ["plain", 5],
  ["naïve", 5],
  ["nai\u0308ve", 5],
  ["日本", 4],
  ["한글", 4],
  ["ＡＢ", 4],
  ["😀", 2],
  ["❤\ufe0f", 2],
  ["🇨🇭", 2],
  ["…–→✗◀▸", 6],
])("%j takes %i cells", (text, cells) => {
  expect(cellsOf(text)).toBe(cells);
});

test.each([
  ["name", 6, "name  ", "  name"],
  ["name", 4, "name", "name"],
  ["name", 3, "na…", "na…"],
  ["name", 1, "…", "…"],
  ["name", 0, "", ""],
  ["日本語", 6, "日本語", "日本語"],
  ["日本語", 5, "日本…", "日本…"],
  ["日本語", 4, "日… ", " 日…"],
  ["e\u0301e\u0301e\u0301", 2, "e\u0301…", "e\u0301…"],
])("%j in %i cells", (text, cells, left, right) => {
  expect(toCells(text, cells)).toBe(left);
  expect(toCellsRight(text, cells)).toBe(right);
});

test.each([
  ["/jobs/batch", 11, "/jobs/batch"],
  ["/jobs/batch", 10, "/jobs…atch"],
  ["/jobs/batch", 9, "/job…atch"],
  ["/日本語/漢字", 8, "/日本…字"],
  ["/aaaaaae\u0301\u0301bb", 5, "/a…bb"],
  ["/jobs", 0, ""],
])("the middle of %j goes where there are %i cells", (text, cells, shown) => {
  expect(shortenMiddle(text, cells)).toBe(shown);
});

test("whatever the text, it takes the cells that it is given, and no more than it may", () => {
  const text = fc.string({ unit: "grapheme" }).map(printable);
  fc.assert(
    fc.property(text, fc.nat(30), (any, cells) => {
      expect(cellsOf(toCells(any, cells))).toBe(cells);
      expect(cellsOf(toCellsRight(any, cells))).toBe(cells);
      expect(cellsOf(shortenMiddle(any, cells))).toBeLessThanOrEqual(cells);
    }),
  );
});
