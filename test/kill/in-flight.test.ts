import { expect, test } from "vitest";
import { InFlight } from "../../src/kill/in-flight.ts";

const never = new Promise<never>(() => {});

test.each([
  ["/", true],
  ["/a", true],
  ["/a/b", true],
  ["/a/b/c", false],
  ["/b", false],
  // Its name begins with another's.
  ["/a/bc", false],
])("one of /a/b is in the subtree of %s: %o", (memcg, isIn) => {
  const inFlight = new InFlight();
  inFlight.add([{ memcg: "/x" }, { memcg: "/a/b" }], never);
  expect(inFlight.within(memcg) !== null).toBe(isIn);
});

test.each([
  ["gone", () => Promise.resolve()],
  ["given up", () => Promise.reject(new Error("no descriptors"))],
])("whoever is %s is no longer in flight for those who have waited", async (_, end) => {
  const inFlight = new InFlight();
  inFlight.add([{ memcg: "/a" }], end());
  inFlight.add([{ memcg: "/b" }], never);
  await inFlight.within("/a");
  expect(inFlight.within("/a")).toBe(null);
  expect(inFlight.within("/")).not.toBe(null);
});

test("nobody was struck", () => {
  const inFlight = new InFlight();
  inFlight.add([], never);
  expect(inFlight.within("/")).toBe(null);
});
