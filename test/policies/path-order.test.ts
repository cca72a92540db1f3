import * as fc from "fast-check";
import { expect, test } from "vitest";
import { comparePaths } from "../../policies/path-order.ts";

test.each([
  ["/a", "/b", "ASCII"],
  ["/a", "/a/b", "a prefix goes first"],
  ["/Z", "/a", "capitals go first"],
  ["/a-b", "/a/b", "- is 2d, / is 2f"],
  ["/a b", "/a-b", "a blank is 20"],
  ["/é", "/～", "C3 before EF"],
  ["/～", "/😀", "EF before F0, though UTF-16 says otherwise"],
  ["/\udc80", "/é", "the byte 80 before C3"],
  ["/😀", "/\udcff", "the byte FF goes last"],
  ["/\udc80\udc80", "/\udc80\udc81", "byte by byte"],
])("%j before %j: %s", (first, second) => {
  expect(comparePaths(first, second)).toBeLessThan(0);
  expect(comparePaths(second, first)).toBeGreaterThan(0);
});

test("two spellings of the same bytes still have an order", () => {
  expect(comparePaths("/é", "/\udcc3\udca9")).not.toBe(0);
});

test("orders strings as Buffer.compare orders their UTF-8", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(comparePaths(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
