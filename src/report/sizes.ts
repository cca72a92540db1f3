import type { Comparison, Unit } from "../select/types.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A size for people: three digits and a unit. */
export function printSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1024;
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Two sizes side by side; in bytes where rounding would make them look the same. */
export function printSizes(a: number, b: number): readonly [string, string] {
  const rounded = [printSize(a), printSize(b)] as const;
  return a === b || rounded[0] !== rounded[1] ? rounded : [`${a} B`, `${b} B`];
}

/** What the loser had, and what the other had: `3 MiB < 90 MiB`. */
export function printValues({ target, peer, unit }: NonNullable<Comparison["values"]>): string {
  const sign = peer === target ? "=" : peer < target ? "<" : ">";
  if (unit === "bytes") return printSizes(peer, target).join(` ${sign} `);
  return [peer, target].map((value) => printValue(value, unit)).join(` ${sign} `);
}

function printValue(value: number, unit: Exclude<Unit, "bytes">): string {
  if (unit === "bytes/s") return `${printSize(value)}/s`;
  const number = Number.isInteger(value) ? `${value}` : value.toFixed(2);
  return unit === "%" ? `${number} %` : unit === "points" ? number : `${number} ${unit}`;
}
