import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sortOut } from "../../src/oom/holdings.ts";

const NOTHING = {
  usageBytes: 0,
  anonBytes: 0,
  elsewhereBytes: 0,
  shmemBytes: 0,
  cacheBytes: 0,
  kernelBytes: 0,
  mappedBytes: 0,
  unevictableBytes: 0,
};

test.each([
  ["tmpfs is cache to the kernel, and no page cache", { shmemBytes: 7, cacheBytes: 10 }, { fileBytes: 3 }],
  ["cache that is behind", { shmemBytes: 7, cacheBytes: 5 }, { fileBytes: 0 }],
  [
    "what nothing explains",
    { usageBytes: 100, anonBytes: 10, shmemBytes: 20, cacheBytes: 50, kernelBytes: 5 },
    { otherBytes: 35 },
  ],
  ["more explained than is used", { usageBytes: 10, anonBytes: 20 }, { otherBytes: 0 }],
])("%s", (_, read, expected) => {
  expect(sortOut({ ...NOTHING, ...read })).toMatchObject(expected);
});

test("the kinds add up to the usage, unless memory.stat says more than there is", () => {
  const bytes = fc.nat();
  const read = fc.record(Object.fromEntries(Object.keys(NOTHING).map((key) => [key, bytes])));
  fc.assert(
    fc.property(read, (values) => {
      const all = { ...NOTHING, ...values };
      const { anonBytes, shmemBytes, fileBytes, kernelBytes, otherBytes } = sortOut(all);
      expect(anonBytes + shmemBytes + fileBytes + kernelBytes + otherBytes).toBeGreaterThanOrEqual(all.usageBytes);
      if (otherBytes > 0) {
        expect(anonBytes + shmemBytes + fileBytes + kernelBytes + otherBytes).toBe(all.usageBytes);
      }
    }),
  );
});
