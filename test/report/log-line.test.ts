import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLevel } from "../../src/config/types.ts";
import type { Event } from "../../src/report/events.ts";
import { printLogLine } from "../../src/report/log-line.ts";

const HUMAN = { format: "human", isJournal: false } as const;
const JSON_LINES = { format: "json", isJournal: false } as const;
const fault: Event = { type: "fault", what: "first\nsecond", time: "2026-01-01T00:00:00.000Z", seq: 7 };

test.each<[LogLevel, string, string]>([
  ["info", "all is well", "all is well"],
  ["error", "it broke", "error: it broke"],
  ["warn", "two\n  lines", "warn: two\n  lines"],
  ["debug", "armed", "debug: armed"],
])("%s: %j in words", (level, message, text) => {
  expect(printLogLine({ level, message }, HUMAN)).toBe(text);
});

test.each<[LogLevel, string]>([
  ["error", "<3>one\n<3>  two"],
  ["warn", "<4>one\n<4>  two"],
  ["info", "<6>one\n<6>  two"],
  ["debug", "<7>one\n<7>  two"],
])("the journal is told of %s on every line", (level, text) => {
  expect(printLogLine({ level, message: "one\n  two" }, { format: "human", isJournal: true })).toBe(text);
});

test("as JSON an event is whole, below the first line of what is said of it", () => {
  const text = printLogLine({ level: "error", message: "  first\nsecond", event: fault }, JSON_LINES);
  expect(JSON.parse(text)).toEqual({ time: fault.time, level: "error", message: "first", event: fault });
  const inJournal = printLogLine(
    { level: "error", message: "first", event: fault },
    { format: "json", isJournal: true },
  );
  expect(inJournal).toMatch(/^<3>\{/);
});

test("as JSON a line without an event has a time of its own", () => {
  const { time, ...rest } = JSON.parse(printLogLine({ level: "info", message: "one\ntwo" }, JSON_LINES));
  expect(rest).toEqual({ level: "info", message: "one\ntwo" });
  expect(Date.now() - Date.parse(time)).toBeLessThan(60_000);
});

test("whatever names are made of, JSON is one line that no terminal obeys, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (what) => {
      const text = printLogLine({ level: "info", message: "", event: { ...fault, what } }, JSON_LINES);
      expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(text).event.what).toBe(what);
    }),
  );
});
