import { afterEach, expect, test } from "vitest";
import { rememberHangUps } from "../../src/start/hang-up.ts";

const before = process.listeners("SIGHUP");

afterEach(() => {
  for (const listener of process.listeners("SIGHUP")) {
    if (!before.includes(listener)) process.off("SIGHUP", listener);
  }
});

test("SIGHUP while it starts is answered as soon as it can be, and those after it at once", () => {
  let reloads = 0;
  const onHangUp = rememberHangUps();
  process.emit("SIGHUP", "SIGHUP");
  process.emit("SIGHUP", "SIGHUP");
  onHangUp(() => reloads++);
  expect(reloads).toBe(1);
  process.emit("SIGHUP", "SIGHUP");
  expect(reloads).toBe(2);
});

test("nothing is done where nobody has asked", () => {
  let reloads = 0;
  rememberHangUps()(() => reloads++);
  expect(reloads).toBe(0);
});
