import { amountBytes } from "./amounts.ts";
import type { ValueType } from "./values.ts";
import { wrong } from "./values.ts";

/** How much memory must stay available: `4%` of the machine's, or an amount such as `512M`. */
export const minAvailable: ValueType<string> = {
  expected: "a share 1%..99% or an amount in K, M or G",
  parse: (text) =>
    /^[1-9][0-9]?%$/.test(text) || amountBytes(text) !== null ? { value: text } : wrong(minAvailable.expected, text),
};

/** The bytes that a checked `oom.system.min_available` stands for on a machine of this size. */
export function minAvailableBytes(text: string, totalBytes: number): number {
  return amountBytes(text) ?? Math.floor((totalBytes * Number.parseInt(text, 10)) / 100);
}
