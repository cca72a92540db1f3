import { expect, test } from "vitest";
import { parseBlkio, parseIoStat, parsePressure } from "../../../src/kernel/parse/accounts.ts";

const PRESSURE = `some avg10=12.00 avg60=3.50 avg300=1.25 total=4105036
full avg10=0.25 avg60=0.05 avg300=100.00 total=2611583
`;

test("the line full of a pressure file", () => {
  expect(parsePressure(PRESSURE)).toEqual({ avg10: 0.25, avg60: 0.05, avg300: 100 });
});

test.each([[""], ["some avg10=1.00 avg60=1.00 avg300=1.00 total=1\n"], ["full avg10= avg60= avg300= total=\n"]])(
  "%j has none",
  (text) => expect(parsePressure(text)).toBeNull(),
);

test("io.stat: sums over devices, whatever else is told of them", () => {
  const text =
    "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=512 dios=7\n253:1 rbytes=1 wbytes=2 rios=3 wios=4 cost.usage=9\n7:0\n";
  expect(parseIoStat(text)).toEqual({ readBytes: 4097, writtenBytes: 8194, operations: 10 });
  expect(parseIoStat("")).toEqual({ readBytes: 0, writtenBytes: 0, operations: 0 });
});

test("blkio: devices, and not their total", () => {
  const bytes =
    "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:0 Async 1\n8:0 Discard 5\n8:0 Total 12288\n8:16 Read 1\nTotal 12289\n";
  const operations = "8:0 Read 3\n8:0 Write 4\n8:0 Total 7\nTotal 7\n";
  expect(parseBlkio(bytes, operations)).toEqual({ readBytes: 4097, writtenBytes: 8192, operations: 7 });
});
