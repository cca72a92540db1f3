import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { close } from "../../src/kernel/libc.ts";
import { openMeminfo, readKernelKills, readMeminfo, readMeminfoFd, readMeminfoText } from "../../src/kernel/meminfo.ts";
import { openStallTrigger, readFullStall } from "../../src/kernel/pressure.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const MEMINFO = `MemTotal:         498552 kB
MemFree:          400828 kB
MemAvailable:     421000 kB
SwapCached:            4 kB
SwapTotal:        262140 kB
SwapFree:         200000 kB
`;

test("a kept descriptor gives what the file says now", () => {
  writeFileSync(at("meminfo"), MEMINFO);
  const fd = openMeminfo(at());
  const kib = 1024;
  const before = { totalBytes: 498_552 * kib, swapTotalBytes: 262_140 * kib, swapFreeBytes: 200_000 * kib };
  expect(readMeminfoFd(fd)).toEqual({ ...before, availableBytes: 421_000 * kib });
  writeFileSync(at("meminfo"), MEMINFO.replace("421000", "1"));
  expect(readMeminfoFd(fd)).toEqual({ ...before, availableBytes: kib });
  expect(readMeminfoText(at())).toContain("MemAvailable:     1 kB");
  close(fd);
});

test.each([
  ["", ""],
  ["MemAvailable: lots\n", ""],
  ["MemTotal: 1 MB\n", ""],
])("what cannot be understood is 0: %o", (text) => {
  writeFileSync(at("meminfo"), text);
  const fd = openMeminfo(at());
  expect(readMeminfoFd(fd)).toEqual({ totalBytes: 0, availableBytes: 0, swapTotalBytes: 0, swapFreeBytes: 0 });
  close(fd);
});

test("closed, or not there", () => {
  expect(readMeminfoFd(-1).totalBytes).toBe(0);
  expect(() => openMeminfo(at("nowhere"))).toThrow("cannot open");
});

test("this machine's", () => {
  const { totalBytes, availableBytes } = readMeminfo();
  expect(availableBytes).toBeGreaterThan(0);
  expect(totalBytes).toBeGreaterThan(availableBytes);
});

test.each([
  ["oom_kill 7\n", 7],
  ["pgfault 1\noom_kill 12\noom_x 1\n", 12],
  ["pgfault 1\n", 0],
])("the kernel's kills: %o", (text, expected) => {
  writeFileSync(at("vmstat"), text);
  expect(readKernelKills(at())).toBe(expected);
});

describe("pressure", () => {
  const write = (text: string) => {
    mkdirSync(at("pressure"), { recursive: true });
    writeFileSync(at("pressure/memory"), text);
  };

  test.each([
    ["some avg10=80.00 avg60=1.00 avg300=0.00 total=9\nfull avg10=61.25 avg60=35.00 avg300=1.22 total=12\n", 61.25],
    ["some avg10=80.00 avg60=1.00 avg300=0.00 total=9\n", 0],
    ["", 0],
  ])("the share of time in which all stand still: %o", (text, expected) => {
    write(text);
    expect(readFullStall(at())).toBe(expected);
  });

  test("not there", () => {
    expect(readFullStall(at("nowhere"))).toBe(0);
    expect(openStallTrigger(10, 2_000, at("nowhere"))).toEqual({ error: "ENOENT" });
  });
});
