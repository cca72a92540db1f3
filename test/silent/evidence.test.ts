import { expect, test } from "vitest";
import { type Counter, tellingCounter } from "../../src/silent/evidence.ts";

test.each<[string, [number, number], [number, number], boolean, Counter | null]>([
  ["one charge that failed", [0, 0], [19, 0], false, "memory.failcnt"],
  ["charges that met the limit, and found room after reclaim", [5, 0], [7, 0], false, null],
  ["nothing", [100, 0], [100, 0], false, null],
  ["at the limit of memory and swap, where that is counted", [0, 3], [0, 22], true, "memory.memsw.failcnt"],
  ["where it is not", [4, 0], [4, 0], true, "memory.memsw.usage_in_bytes"],
  ["where it is counted, and none has failed", [4, 3], [4, 3], true, null],
  ["both", [0, 0], [38, 38], true, "memory.failcnt"],
  ["somebody has written 0 to failcnt", [500, 0], [0, 0], false, null],
])("%s", (_, [memory, swap], [memoryAfter, swapAfter], hasRung, expected) => {
  expect(tellingCounter({ memory, swap }, { memory: memoryAfter, swap: swapAfter }, hasRung)).toBe(expected);
});
