import { statSync } from "node:fs";
import { parseNumber } from "./parse/numbers.ts";
import { readText } from "./read.ts";

/**
 * The process that holds the flock(2) on a file that bears its pid, as lock.ts leaves it; null where nobody does, or we
 * may not look. Asks nobody and takes no lock, so it works for any user and for a holder that is stopped.
 */
export function lockHolder(path: string): number | null {
  try {
    const pid = parseNumber(readText(path) ?? "");
    const ino = statSync(path, { throwIfNoEntry: false })?.ino;
    // As `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`.
    const isHeld = new RegExp(`FLOCK .* ${pid} [0-9a-f]+:[0-9a-f]+:${ino} `).test(readText("/proc/locks") ?? "");
    return isHeld ? pid : null;
  } catch {
    return null;
  }
}
