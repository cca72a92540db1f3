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

/** What there is of badnessd, as the metrics show it. */
export interface Presence {
  /** Paths of the memcgs that are. */
  readonly armed: readonly string[];
  readonly dryRun: boolean;
  /** -1 for one that there is not. */
  readonly pids: { readonly handler: number; readonly failsafe: number };
}

/** Reads nothing. */
export function presenceOf(hold: Hold, failsafePid: number, dryRun: boolean): Presence {
  const armed = Array.from(hold.held.values(), ({ node }) => node.path);
  return { armed, dryRun, pids: { handler: process.pid, failsafe: failsafePid } };
}
