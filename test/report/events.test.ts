import { expect, test } from "vitest";
import { type Event, Reporter } from "../../src/report/events.ts";

const report = (reporter: Reporter, ...whats: readonly string[]) => {
  for (const what of whats) reporter.report({ type: "fault", what });
};
const whatsOf = (events: readonly Event[]) => events.map((event) => (event.type === "fault" ? event.what : event.type));
const nextRound = () => new Promise((resolve) => setImmediate(resolve));

test("nobody is called while something is reported; when the event loop comes round all is there, in order", async () => {
  const reporter = new Reporter(10);
  const heard: Event[] = [];
  reporter.listen((event) => heard.push(event));
  report(reporter, "a", "b");
  expect(heard).toEqual([]);
  expect(reporter.recent).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual([]);
  await nextRound();
  expect(whatsOf(heard)).toEqual(["a", "b"]);
  expect(reporter.recent).toEqual(heard);
});

test("each has a number, counted from 1, and the time of what happened", async () => {
  const reporter = new Reporter(10);
  report(reporter, "a", "b");
  await nextRound();
  report(reporter, "c");
  await nextRound();
  expect(reporter.recent.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  for (const { time } of reporter.recent) expect(new Date(time).toISOString()).toBe(time);
});

test.each([
  [3, ["a", "b"], ["a", "b"]],
  [3, ["a", "b", "c"], ["a", "b", "c"]],
  [3, ["a", "b", "c", "d", "e"], ["c", "d", "e"]],
  [0, ["a"], []],
])("with room for %i, of %j it keeps %j", (capacity, reported, kept) => {
  const reporter = new Reporter(capacity);
  const heard: Event[] = [];
  reporter.listen((event) => heard.push(event));
  report(reporter, ...reported);
  reporter.flush();
  expect(whatsOf(reporter.recent)).toEqual(kept);
  expect(whatsOf(heard)).toEqual(reported);
});

test("who stops listening hears no more, and nothing that is on its way", () => {
  const reporter = new Reporter(10);
  const heard: Event[] = [];
  const stop = reporter.listen((event) => heard.push(event));
  report(reporter, "a");
  reporter.flush();
  report(reporter, "b");
  stop();
  stop();
  reporter.flush();
  expect(whatsOf(heard)).toEqual(["a"]);
  expect(whatsOf(reporter.recent)).toEqual(["a", "b"]);
});

test("what a listener reports comes in the next round", async () => {
  const reporter = new Reporter(10);
  reporter.listen((event) => {
    if (event.seq < 4) report(reporter, `after ${event.seq}`);
  });
  report(reporter, "first");
  reporter.flush();
  expect(whatsOf(reporter.recent)).toEqual(["first"]);
  for (let round = 0; round < 4; round++) await nextRound();
  expect(whatsOf(reporter.recent)).toEqual(["first", "after 1", "after 2", "after 3"]);
});

test("flush() at the end brings everything once", async () => {
  const reporter = new Reporter(10);
  const heard: Event[] = [];
  reporter.listen((event) => heard.push(event));
  report(reporter, "a", "b");
  reporter.flush();
  reporter.flush();
  await nextRound();
  expect(whatsOf(heard)).toEqual(["a", "b"]);
});
