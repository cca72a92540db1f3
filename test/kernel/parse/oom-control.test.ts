import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseOomControl } from "../../../src/kernel/parse/oom-control.ts";

const FREE = { killDisable: false, underOom: false, killed: 0 };

test.each([
  ["as the kernel prints it", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", FREE],
  [
    "held off and out of memory",
    "oom_kill_disable 1\nunder_oom 1\noom_kill 7\n",
    { killDisable: true, underOom: true, killed: 7 },
  ],
  [
    "no third line, as before Linux 4.13",
    "oom_kill_disable 1\nunder_oom 0\n",
    { killDisable: true, underOom: false, killed: null },
  ],
  ["CRLF", "oom_kill_disable 1\r\nunder_oom 1\r\noom_kill 3\r\n", { killDisable: true, underOom: true, killed: 3 }],
  [
    "unknown lines before, between and behind",
    "x 1\noom_kill_disable 0\ny\nunder_oom 0\n\noom_kill 0\noom_group_kill 9\n",
    FREE,
  ],
  ["another order", "oom_kill 0\nunder_oom 0\noom_kill_disable 0\n", FREE],
  ["no line end at the end", "oom_kill_disable 0\nunder_oom 0\noom_kill 0", FREE],
  [
    "under_oom of a counter that went up twice",
    "oom_kill_disable 0\nunder_oom 2\n",
    { ...FREE, underOom: true, killed: null },
  ],
  ["a key that ends in another", "my_oom_kill_disable 1\noom_kill_disable 0\nunder_oom 0\noom_kill 0\n", FREE],
  [
    "the largest counter",
    `oom_kill_disable 0\nunder_oom 0\noom_kill ${2n ** 64n - 1n}\n`,
    { ...FREE, killed: 2 ** 64 },
  ],
])("%s", (_, text, expected) => {
  expect(parseOomControl(text)).toEqual(expected);
});

test.each([
  ["empty", ""],
  ["no under_oom", "oom_kill_disable 1\noom_kill 0\n"],
  ["no oom_kill_disable", "under_oom 1\noom_kill 0\n"],
  ["cut short", "oom_kill_disable 1\nunder_"],
  ["a value that is neither 0 nor 1", "oom_kill_disable 2\nunder_oom 0\n"],
  ["a word for a value", "oom_kill_disable on\nunder_oom 0\n"],
  ["a sign", "oom_kill_disable 1\nunder_oom -1\n"],
  ["all on one line", "oom_kill_disable 1 under_oom 1 oom_kill 0\n"],
])("nothing stands on a text that lacks what we stand on: %s", (_, text) => {
  expect(parseOomControl(text)).toBeNull();
});

test("a number beyond all numbers counts nothing", () => {
  const text = `oom_kill_disable 0\nunder_oom ${"9".repeat(400)}\noom_kill ${"9".repeat(400)}\n`;
  expect(parseOomControl(text)).toEqual({ killDisable: false, underOom: true, killed: null });
});

test("no text makes it throw, and what it knows are flags and finite numbers", () => {
  const line = fc.constantFrom(
    "oom_kill_disable 1",
    "oom_kill_disable",
    "under_oom 1",
    "oom_kill 9",
    "\r",
    "",
    "oom_kill x",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(line).map((lines) => lines.join("\n")),
  );
  fc.assert(
    fc.property(text, (each) => {
      const parsed = parseOomControl(each);
      expect(parsed === null || parsed.killed === null || Number.isFinite(parsed.killed)).toBe(true);
    }),
  );
});
