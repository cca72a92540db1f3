/** What the demo shows, live or recorded. */
import type { Event } from "../report/events.ts";

/** One OOM of the demo's tree, as it happened. Everything but `where` comes from badnessd's own events and the kernel. */
export interface Scene {
  /** Kernel release, as `uname -r` prints it. */
  readonly where: string;
  readonly decision: Extract<Event, { type: "decision" }>;
  readonly relieved: Extract<Event, { type: "relieved" }>;
  /** Sum of oom_kill over the whole tree. */
  readonly kernelKills: number;
  /** Who is alive afterwards, by memcg. */
  readonly alive: Readonly<Record<string, boolean>>;
}

/** The cast: names of memcgs below the demo's own, what each holds, and what the policy file says. */
export const CAST = [
  { name: "db", badness: "never", holdsMib: 20, part: "protected: never a candidate" },
  { name: "web", badness: "9000", holdsMib: 30, part: "important, the largest, and growing until memory runs out" },
  { name: "batch", badness: "100", holdsMib: 10, part: "the smallest, and of the lowest badness" },
] as const;

/** Enough for the cast, and soon too little for it. */
export const LIMIT_MIB = 160;

/** The policy file of the demo. */
export function policyOf(top: string): string {
  return ["memcgs:", ...CAST.map(({ name, badness }) => `  ${top}/${name}: { badness: ${badness} }`)].join("\n");
}
