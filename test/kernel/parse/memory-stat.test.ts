import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseKey } from "../../../src/kernel/parse/memory-stat.ts";

const STAT = "rss 1\ncache 2\nrss_huge 3\ntotal_cache 4\ntotal_rss 5\ntotal_rss_huge 6\n";

test.each([
  ["at the start", "rss", 1],
  ["in the middle", "cache", 2],
  ["the end of another key", "total_rss", 5],
  ["the beginning of another key", "rss_huge", 3],
  ["last", "total_rss_huge", 6],
  ["missing", "anon", null],
  ["part of a key", "total", null],
  ["the end of a key alone", "huge", null],
])("a key that is %s", (_, key, value) => {
  expect(parseKey(STAT, key)).toBe(value);
});

test.each([
  ["behind a longer one that it begins", "total_rss_huge 6\ntotal_rss 5\n", 5],
  ["CRLF", "total_rss 5\r\n", 5],
  ["no line end", "total_rss 5", 5],
  ["zero", "total_rss 0\n", 0],
  ["the largest that we can hold", `total_rss ${Number.MAX_SAFE_INTEGER}\n`, Number.MAX_SAFE_INTEGER],
  ["more than we can hold", "total_rss 18446744073709551615\n", null],
  ["no value", "total_rss \n", null],
  ["no value and no blank", "total_rss\n", null],
  ["a word", "total_rss many\n", null],
  ["empty", "", null],
])("total_rss: %s", (_, text, value) => {
  expect(parseKey(text, "total_rss")).toBe(value);
});

test("no text makes it throw", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("a", " ", "\n", "1")).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, fc.string(), (each, key) => {
      const value = parseKey(each, key);
      expect(value === null || Number.isSafeInteger(value)).toBe(true);
    }),
  );
});
