import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkEvent, EVENT_FIELDS } from "../support/event-schema.ts";

const text = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);

test("docs/events.md has every type, and no other", () => {
  expect([...sections.keys()].sort()).toEqual([...Object.keys(EVENT_FIELDS), "lost"].sort());
});

test.each(Object.entries(EVENT_FIELDS))("it has every field of %s, and no other", (type, fields) => {
  const documented = [...(sections.get(type) ?? "").matchAll(/^\| `(\w+)` *\|/gm)].map(([, name]) => name);
  expect(documented).toEqual(Object.keys(fields));
});

test.each([...sections])("the example of %s is one", (type, section) => {
  const examples = [...section.matchAll(/^ {4}(\{.*\})$/gm)].map(([, json]) => checkEvent(JSON.parse(json ?? "")));
  expect(examples.map((event) => event.type)).toEqual([type]);
});

test.each([
  ["a field too many", { type: "fault", what: "x", more: 1, time: "2026-11-23T21:02:57.752Z", seq: 1 }],
  ["a field missing", { type: "fault", time: "2026-11-23T21:02:57.752Z", seq: 1 }],
  ["another type", { type: "__proto__", time: "2026-11-23T21:02:57.752Z", seq: 1 }],
  ["no time", { type: "fault", what: "x", time: "today", seq: 1 }],
  ["no sequence", { type: "fault", what: "x", time: "2026-11-23T21:02:57.752Z" }],
])("the schema refuses %s", (_, event) => {
  expect(() => checkEvent(event)).toThrow();
});
