import type { ValueType } from "./values.ts";
import { wrong } from "./values.ts";

const UNIT_BYTES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** How much memory must stay available: `4%` of the machine's, or an amount such as `512M`. */
export const minAvailable: ValueType<string> = {
  expected: "a share 1%..99% or an amount in K, M or G",
  parse: (text) =>
    /^([1-9][0-9]?%|[1-9][0-9]{0,8}[KMG])$/.test(text) ? { value: text } : wrong(minAvailable.expected, text),
};

/** The bytes that a checked `oom.system.min_available` stands for on a machine of this size. */
export function minAvailableBytes(text: string, totalBytes: number): number {
  const count = Number.parseInt(text, 10);
  const unit = UNIT_BYTES[text.slice(-1)];
  return unit === undefined ? Math.floor((totalBytes * count) / 100) : count * unit;
}
