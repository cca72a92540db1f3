import { type Fill, readFill, readSwapFill } from "../kernel/memcg.ts";

/** A large page may fail to be charged this far below the limit. */
const NEARLY_BYTES = 1024 * 1024;

/** Usage and limit where the limit bites, of memory or of memory and swap; null while there is room. */
export function fillAtLimit(directory: string): Fill | null {
  return ifAtLimit(readFill(directory)) ?? ifAtLimit(readSwapFill(directory));
}

function ifAtLimit(fill: Fill): Fill | null {
  return fill.usageBytes >= fill.limitBytes - NEARLY_BYTES ? fill : null;
}
