/** The recent kills, from the daemon's events. */
import type { Event } from "../../report/events.ts";

export type Kill = Extract<Event, { readonly type: "kill" | "kernel-kill" | "user-kill" }>;

/** More than fit on the largest screen. */
const KEPT = 100;

/**
 * The kills with this event, if it is one, the last ones last. Whoever comes back to a daemon is told everything again,
 * so one that is known already is not taken twice: `seq` with the time tells it from those of earlier daemons too.
 */
export function withEvent(kills: readonly Kill[], event: Event): readonly Kill[] {
  if (!isKill(event) || kills.some(({ time, seq }) => seq === event.seq && time === event.time)) return kills;
  return [...kills, event].slice(-KEPT);
}

function isKill(event: Event): event is Kill {
  return event.type === "kill" || event.type === "kernel-kill" || event.type === "user-kill";
}
