import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { cellsOf } from "../../../src/cli/top/cells.ts";
import { commandOf, helpLines, KEY_LINE, type Key } from "../../../src/cli/top/keys.ts";

/** What terminals send. */
test.each([
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["k", "up"],
  ["\x1b[B", "down"],
  ["j", "down"],
  ["\x1b[5~", "pageUp"],
  ["\x02", "pageUp"],
  ["\x1b[6~", "pageDown"],
  ["\x06", "pageDown"],
  ["\x1b[H", "first"],
  ["\x1b[1~", "first"],
  ["g", "first"],
  ["\x1b[F", "last"],
  ["\x1b[4~", "last"],
  ["G", "last"],
  ["\x1b[D", "fold"],
  ["h", "fold"],
  ["\x1b[C", "unfold"],
  ["l", "unfold"],
  [" ", "toggle"],
  ["-", "foldAll"],
  ["+", "unfoldAll"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\x7f", "leave"],
  ["\b", "leave"],
  ["v", "victim"],
  ["n", "byName"],
  ["b", "byBadness"],
  ["u", "byUsage"],
  ["f", "byFill"],
  ["s", "nextOrder"],
  ["?", "help"],
  ["\x1bOP", "help"],
  ["\x0c", "redraw"],
  ["\x1a", "suspend"],
  ["q", "quit"],
  ["\x03", "quit"],
  ["\x04", "quit"],
  ["x", null],
  ["Q", null],
  ["é", null],
  ["\x1bk", null],
  ["\x1b[999~", null],
])("%j is %s", (bytes, command) => {
  expect(keysIn(bytes).map(commandOf)).toEqual([command]);
});

test("the last line and the help fit on 80×24", () => {
  for (const line of [KEY_LINE, ...helpLines()]) expect(cellsOf(line)).toBeLessThanOrEqual(80);
  // Title, next, headings, two lines above, two of kills, detail and keys.
  expect(helpLines().length).toBeLessThanOrEqual(24 - 9);
});

function keysIn(bytes: string): Key[] {
  const stream = new PassThrough();
  const keys: Key[] = [];
  emitKeypressEvents(stream);
  stream.on("keypress", (_, key: Key) => keys.push(key));
  stream.emit("data", Buffer.from(bytes));
  return keys;
}
