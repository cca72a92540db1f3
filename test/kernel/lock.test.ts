import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lockFile, tryLock } from "../../src/kernel/lock.ts";
import { built, startScript } from "../support/script.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();

test("a lock is had once, and says by whom", () => {
  writeFileSync(at("lock"), "what an earlier one wrote\n");
  expect(tryLock(at("lock"))).toBe(true);
  expect(lockFile(at("lock"))).toBe(true);
  expect(lockFile(at("lock"))).toBe(false);
  expect(tryLock(at("lock"))).toBe(false);
  expect(readFileSync(at("lock"), "utf8")).toBe(`${process.pid}\n`);
});

test("asking takes nothing", () => {
  expect(tryLock(at("asked"))).toBe(true);
  expect(tryLock(at("asked"))).toBe(true);
  expect(lockFile(at("asked"))).toBe(true);
});

test("it is held for as long as its process lives, however it ends", async () => {
  const child = await startScript(`
    import { lockFile } from ${built("kernel/lock")};
    console.log(lockFile(${JSON.stringify(at("held"))}));
    setInterval(() => globalThis.gc?.(), 10);
  `);
  expect(tryLock(at("held"))).toBe(false);
  expect(readFileSync(at("held"), "utf8")).toBe(`${child.pid}\n`);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  expect(tryLock(at("held"))).toBe(true);
});

test("a directory that is not there is an error", () => {
  expect(() => lockFile(at("missing/lock"))).toThrow(/ENOENT/);
});
