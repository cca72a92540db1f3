/** Everything that badnessd says about what happened: one union, from which log, stream and counters all live. */

import type { DecisionJson } from "./decision-json.ts";

/** A process that died, or was meant to. */
export interface Victim {
  readonly pid: number;
  readonly comm: string;
  readonly memcg: string;
  readonly rssBytes: number;
}

/** Milliseconds after the OOM was noticed. */
export interface Steps {
  /** The ranking had its first victim. */
  readonly decidedMs: number;
  /** The last signal was sent. */
  readonly killedMs: number;
  /** The last victim was gone. */
  readonly goneMs: number;
  /** Nobody waited for memory any more. */
  readonly relievedMs: number;
}

export type EventBody =
  | { readonly type: "ready"; readonly version: string; readonly armed: number }
  | { readonly type: "stopped"; readonly restored: number; readonly failed: readonly string[] }
  | { readonly type: "armed"; readonly memcg: string; readonly delayMs: number }
  | { readonly type: "disarmed"; readonly memcg: string; readonly why: string }
  | { readonly type: "oom"; readonly memcg: string; readonly usageBytes: number; readonly limitBytes: number }
  | {
      readonly type: "decision";
      readonly memcg: string;
      readonly policy: string;
      /** Lines for a human. */
      readonly explanation: string;
      /** As `badnessctl explain --json` prints it, with no more of the ranking than was needed. */
      readonly decision: DecisionJson;
      /** File that `badnessctl explain --snapshot` replays, or null where it could not be written. */
      readonly snapshot: string | null;
    }
  | {
      readonly type: "kill";
      readonly memcg: string;
      readonly dryRun: boolean;
      readonly victims: readonly Victim[];
      readonly missed: readonly (Victim & { readonly why: string })[];
    }
  | { readonly type: "stuck"; readonly memcg: string; readonly victims: readonly Victim[]; readonly waitedMs: number }
  | {
      readonly type: "relieved";
      readonly memcg: string;
      readonly victims: readonly Victim[];
      readonly steps: Steps | null;
      readonly usageBytes: number;
      readonly tookMs: number;
      /** Processes of the subtree that the kernel killed meanwhile. */
      readonly kernelKilled: number;
    }
  | { readonly type: "delay-expired"; readonly memcg: string; readonly delayMs: number; readonly kernelKilled: number }
  | { readonly type: "no-victim"; readonly memcg: string; readonly explanation: string }
  | { readonly type: "unreclaimable"; readonly memcg: string; readonly killed: number; readonly memoryStat: string }
  | { readonly type: "config"; readonly changes: readonly string[] }
  | { readonly type: "fault"; readonly what: string; readonly memcg?: string };

/** `time`: ISO 8601, UTC. `seq`: counts up from 1 for as long as the daemon runs. */
export type Event = EventBody & { readonly time: string; readonly seq: number };

/** Hands out what happens, later: never on the path between an OOM and the signal. */
export class Reporter {
  readonly recent: Event[] = [];
  private readonly capacity: number;
  private readonly listeners = new Set<(event: Event) => void>();
  private readonly queue: Event[] = [];
  private seq = 0;

  /** Keeps the last `capacity` events for those who ask later. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Costs no input or output: listeners hear of it when the event loop comes round. */
  report(body: EventBody): void {
    this.seq += 1;
    if (this.queue.length === 0) setImmediate(() => this.flush());
    this.queue.push({ time: new Date().toISOString(), seq: this.seq, ...body });
  }

  /** Returns the way to stop listening. */
  listen(listener: (event: Event) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  flush(): void {
    for (const event of this.queue.splice(0)) {
      this.recent.push(event);
      if (this.recent.length > this.capacity) this.recent.shift();
      for (const listener of this.listeners) listener(event);
    }
  }
}
