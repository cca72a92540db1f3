import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULTS } from "../../src/config/keys.ts";
import type { SystemSettings } from "../../src/config/types.ts";
import type { Meminfo } from "../../src/kernel/meminfo.ts";
import { assess, nextLookMs, whyTooMuch } from "../../src/system/limits.ts";

const GIB = 1024 ** 3;
/** Per cent of 100 GiB of memory, and of 100 GiB of swap where there is any. */
const machine = (available: number, swapFree: number | null = null): Meminfo => ({
  totalBytes: 100 * GIB,
  availableBytes: available * GIB,
  swapTotalBytes: swapFree === null ? 0 : 100 * GIB,
  swapFreeBytes: (swapFree ?? 0) * GIB,
});
const isShort = (meminfo: Meminfo, stall = 0, settings: Partial<SystemSettings> = {}) =>
  assess(meminfo, { ...DEFAULTS.system, ...settings }, () => stall).isShort;

describe("out of memory is", () => {
  test.each([
    ["4 % available, no swap", machine(4), 0, false],
    ["less, no swap", machine(3.99), 0, true],
    ["less, and all swap free", machine(1, 100), 0, false],
    ["less, and the least swap free", machine(1, 10), 0, false],
    ["less, and less swap free", machine(1, 9.9), 0, true],
    ["less, and no swap free", machine(1, 0), 0, true],
    ["no swap free, and memory available", machine(4, 0), 100, false],
    ["less, swap free, and nearly everybody waits", machine(1, 100), 59.9, false],
    ["less, swap free, and everybody waits", machine(1, 100), 60, true],
    ["everybody waits, and memory is available", machine(50), 100, false],
    ["a meminfo that says nothing", { ...machine(0, 0), totalBytes: 0, swapTotalBytes: 0 }, 100, false],
  ])("%s", (_, meminfo, stall, expected) => expect(isShort(meminfo, stall)).toBe(expected));

  test.each<[string, Partial<SystemSettings>, Meminfo, number, boolean]>([
    ["an amount of memory", { minAvailable: "2G" }, machine(1.9), 0, true],
    ["an amount of memory", { minAvailable: "2G" }, machine(2.1), 0, false],
    ["an amount of swap", { minFreeSwap: "30G" }, machine(1, 29), 0, true],
    ["an amount of swap that there is not", { minFreeSwap: "200G" }, machine(1, 100), 0, true],
    ["a shorter stall", { maxStall: "20%" }, machine(1, 100), 20, true],
  ])("%s, as it is set", (_, settings, meminfo, stall, expected) =>
    expect(isShort(meminfo, stall, settings)).toBe(expected),
  );

  test("PSI is asked where nothing else decides, and only there", () => {
    const never = () => {
      throw new Error("asked");
    };
    for (const meminfo of [machine(4, 100), machine(1), machine(1, 9)]) assess(meminfo, DEFAULTS.system, never);
    expect(() => assess(machine(1, 100), DEFAULTS.system, never)).toThrow("asked");
  });
});

test.each([
  ["half of what was to stay", machine(2), false],
  ["less than half", machine(1.9), true],
  ["less than half, and swap", machine(1.9, 6), false],
  ["less than half of either", machine(1.9, 4.9), true],
])("%s is left: no time for anybody but a killer: %o", (_, meminfo, expected) =>
  expect(assess(meminfo, DEFAULTS.system, () => 100).isNearlyGone).toBe(expected),
);

test.each([
  ["4%", null],
  ["50%", null],
  ["50G", null],
  ["51%", "oom.system.min_available = 51% is more than half of this machine's memory"],
  ["64G", "oom.system.min_available = 64G is more than half of this machine's memory"],
])("oom.system.min_available = %s of 100 GiB: %s", (minAvailable, expected) =>
  expect(whyTooMuch({ ...DEFAULTS.system, minAvailable }, machine(90))).toBe(expected),
);

test.each([
  // 6 GiB a second of memory, 0.8 of swap.
  ["6 GiB of room", machine(10), 1_024],
  ["and swap", machine(10, 90), 1_024 + 102_400],
  ["none", machine(4), 0],
  ["none but swap", machine(3, 10.8), 1_024],
])("%s lasts at least so long", (_, meminfo, expected) =>
  expect(assess(meminfo, DEFAULTS.system, () => 0).leastMs).toBeCloseTo(expected, 0),
);

test.each([
  ["nothing moves, and the kernel would say so", 0, false, true, null],
  ["it moves, but lasts until the tick", 1_000, true, true, null],
  ["it moves", 400, true, true, 400],
  ["it moves, and there is next to nothing left", 0.1, true, true, 10],
  ["nobody tells whether it moves", 0.1, false, false, 100],
  ["nobody tells, and it lasts", 1_000, false, false, null],
])("%s", (_, leastMs, isMoving, isHeard, expected) =>
  expect(nextLookMs({ leastMs }, { isMoving, isHeard, tickMs: 1_000 })).toBe(expected),
);

const GIB_COUNT = fc.double({ min: 0, max: 100, noNaN: true });

test("whoever takes memory as fast as it can be taken does not get past a look while memory moves", () => {
  fc.assert(
    fc.property(GIB_COUNT, (available) => {
      const { leastMs, isShort: isShortNow } = assess(machine(available), DEFAULTS.system, () => 0);
      const waitMs = nextLookMs({ leastMs }, { isMoving: true, isHeard: true, tickMs: 1_000 }) ?? 1_000;
      const left = available - (6 / 1024) * waitMs;
      // Of 4 GiB, in 10 ms, at most 0.06 are gone beyond what was to stay.
      expect(isShortNow || left >= 4 - 0.06).toBe(true);
    }),
  );
});

test("less memory, less swap and more stall never end a shortage", () => {
  fc.assert(
    fc.property(GIB_COUNT, GIB_COUNT, fc.integer({ min: 0, max: 100 }), GIB_COUNT, (available, swap, stall, less) => {
      if (!isShort(machine(available, swap), stall)) return;
      expect(isShort(machine(Math.max(0, available - less), swap), stall)).toBe(true);
      expect(isShort(machine(available, Math.max(0, swap - less)), stall)).toBe(true);
      expect(isShort(machine(available, swap), Math.min(100, stall + less))).toBe(true);
    }),
  );
});
