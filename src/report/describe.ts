import type { Event } from "./events.ts";
export function describeEvent(event: Event): string { return JSON.stringify(event); }
