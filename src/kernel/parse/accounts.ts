/** What a memcg has used beside its memory: pressure, input and output. */

/** Shares of time, in per cent. */
export interface PressureShares {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** Sums over all devices. */
export interface IoTotals {
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly operations: number;
}

/** The line `full` of memory.pressure or io.pressure, or null. */
export function parsePressure(text: string): PressureShares | null {
  const found = /^full avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) /m.exec(text);
  if (found === null) return null;
  const [avg10 = 0, avg60 = 0, avg300 = 0] = found.slice(1).map(Number);
  return { avg10, avg60, avg300 };
}

/** io.stat of cgroup v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`, a device a line. */
export function parseIoStat(text: string): IoTotals {
  const sum = (key: string) => total(text.matchAll(new RegExp(`\\b${key}=(\\d+)`, "g")));
  return { readBytes: sum("rbytes"), writtenBytes: sum("wbytes"), operations: sum("rios") + sum("wios") };
}

/** Two files of cgroup v1's blkio controller: `8:0 Read 1`, a device and a direction a line, and a sum without a device. */
export function parseBlkio(bytes: string, operations: string): IoTotals {
  const sum = (text: string, direction: string) =>
    total(text.matchAll(new RegExp(`^\\d+:\\d+ ${direction} (\\d+)$`, "gm")));
  return {
    readBytes: sum(bytes, "Read"),
    writtenBytes: sum(bytes, "Write"),
    operations: sum(operations, "Read") + sum(operations, "Write"),
  };
}

function total(found: Iterable<RegExpMatchArray>): number {
  let sum = 0;
  for (const [, digits] of found) sum += Number(digits);
  return sum;
}
