import * as fc from "fast-check";
import { expect, test } from "vitest";
import { forNode, fromBytes, fromPrinted, toBytes, toBytesZ } from "../../src/kernel/path.ts";

test.each([
  ["ASCII", [0x2f, 0x61], "/a"],
  ["empty", [], ""],
  ["two bytes", [0xc3, 0xa9], "é"],
  ["four bytes", [0xf0, 0x9f, 0x98, 0x80], "😀"],
  ["a byte order mark, which is part of a name", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
  ["NUL", [0], "\0"],
  ["no UTF-8 at all", [0xff], "\udcff"],
  ["cut short", [0x61, 0xc3], "a\udcc3"],
  ["cut short inside four bytes", [0xf0, 0x9f, 0x98, 0x2f], "\udcf0\udc9f\udc98/"],
  ["a continuation alone", [0x80, 0x61], "\udc80a"],
  ["Latin-1 beside UTF-8", [0xe9, 0xc3, 0xa9], "\udce9é"],
  ["overlong", [0xc0, 0xaf], "\udcc0\udcaf"],
  ["a surrogate as UTF-8 would have it", [0xed, 0xb2, 0x80], "\udced\udcb2\udc80"],
  ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"],
])("%s", (_, bytes, text) => {
  expect(fromBytes(Uint8Array.from(bytes))).toBe(text);
  expect([...toBytes(text)]).toEqual(bytes);
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Mostly valid, with the bytes that begin and continue sequences.
  fc
    .array(fc.constantFrom(0x61, 0x2f, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0xed, 0xf0, 0x9f, 0xff), { maxLength: 40 })
    .map((all) => Uint8Array.from(all)),
);

test("any bytes come back", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect([...toBytes(fromBytes(bytes))]).toEqual([...bytes]);
      expect([...toBytesZ(fromBytes(bytes))]).toEqual([...bytes, 0]);
    }),
  );
});

test("names that differ stay different, also through JSON", () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (a, b) => {
      const isSame = Buffer.compare(a, b) === 0;
      expect(fromBytes(a) === fromBytes(b)).toBe(isSame);
      expect(JSON.parse(JSON.stringify(fromBytes(a)))).toBe(fromBytes(a));
    }),
  );
});

test("valid UTF-8 is decoded as it stands, and goes to Node as a string", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      (text) => {
        expect(fromBytes(Buffer.from(text))).toBe(text);
        expect(forNode(text)).toBe(text);
      },
    ),
  );
});

test.each(["\udc2f", "\udc7f", "\ud800", "\udd00", "\udfff"])(
  "%j stands for no byte, least of all for an ASCII one",
  (text) => {
    expect(toBytes(text)).toEqual(Buffer.from("\ufffd"));
  },
);

test("what is not goes to Node as bytes", () => {
  expect(forNode("/a\udcff")).toEqual(Buffer.of(0x2f, 0x61, 0xff));
});

test.each([
  ["/a/\\xff", "/a/\udcff"],
  ["/a\\xc3\\x28", "/a\udcc3\\x28"],
  ["/\\x1b[31m\\x7f", "/\x1b[31m\x7f"],
  ["/\\x00", "/\\x00"],
  ["/dev\\x2dsda", "/dev\\x2dsda"],
])("%j as printed is %j", (printed, path) => {
  expect(fromPrinted(printed)).toBe(path);
});
