import type { Hold } from "../hold/hold.ts";
import { isWaiting } from "../oom/situation.ts";

/** What is armed, as `badnessctl status` shows it. */
export function armedNow(hold: Hold): object[] {
  return Array.from(hold.held.values(), (held) => ({
    memcg: held.node.path,
    underOom: isWaiting(held) ?? false,
    delayMs: held.delayMs,
  }));
}
