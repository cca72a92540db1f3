/** Everything that badnessd says about what happened: one union, from which log, stream and counters all live. */

import type { LivelockMode, SilentMode } from "../config/types.ts";
import type { Counter } from "../silent/evidence.ts";
import type { DecisionJson } from "./decision-json.ts";
import type { ReliefTried } from "./relief-event.ts";

/** A process that died, or was meant to. */
export interface Victim {
  readonly pid: number;
  /** Clock ticks after boot; with the pid, the identity of the process. */
  readonly startTime: number;
  readonly comm: string;
  readonly memcg: string;
  readonly rssBytes: number;
}

/** What fills a memcg, bytes. The first four and the last add up to its usage, unless memory.stat is behind. */
export interface Holdings {
  /** Memory of processes, private to them or shared by fork. */
  readonly anonBytes: number;
  /** Files in tmpfs, SysV and POSIX shared memory, memfds: they outlive whoever wrote them. */
  readonly shmemBytes: number;
  /** Page cache. */
  readonly fileBytes: number;
  /** The kernel's own: page tables, stacks, pipes, inodes. */
  readonly kernelBytes: number;
  /** Charged, and not told apart: of memory.stat that is behind. */
  readonly otherBytes: number;
  /** Of `anonBytes`: of no process that is in it. One moved out, or shares the memory from elsewhere. */
  readonly elsewhereBytes: number;
  /** Of all of it: mapped, and not to be reclaimed (mlock, SHM_LOCK, ramfs). */
  readonly mappedBytes: number;
  readonly unevictableBytes: number;
}

/** A process that kill-all has killed. */
export type UserVictim = Pick<Victim, "pid" | "startTime" | "memcg">;

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
  | ({ readonly type: "relief"; readonly memcg: string } & ReliefTried)
  /** What `lend` had raised a limit by, and how long ago. */
  | { readonly type: "loan-returned"; readonly memcg: string; readonly bytes: number; readonly tookMs: number }
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
  /** Charges fail in a memcg and nobody waits for memory. */
  | {
      readonly type: "silent-oom";
      readonly memcg: string;
      readonly usageBytes: number;
      readonly limitBytes: number;
      readonly counter: Counter;
      readonly mode: SilentMode;
      readonly holdings: Holdings;
    }
  /** The same process is started and killed again and again. */
  | {
      readonly type: "livelock";
      readonly memcg: string;
      /** What all victims are called, and where all of them were; null where they differ. */
      readonly comm: string | null;
      readonly victimMemcg: string | null;
      readonly kills: number;
      readonly withinMs: number;
      /** How long each of them lived, the oldest first. */
      readonly livedMs: readonly number[];
      /** What is done about it until there has been no OOM for a minute. */
      readonly action: LivelockMode;
    }
  | { readonly type: "delay-expired"; readonly memcg: string; readonly delayMs: number; readonly kernelKilled: number }
  | { readonly type: "no-victim"; readonly memcg: string; readonly explanation: string }
  | {
      readonly type: "unreclaimable";
      readonly memcg: string;
      readonly killed: number;
      readonly holdings: Holdings;
      readonly memoryStat: string;
    }
  /** The kernel's killer has killed, in a guarded subtree or because the system was out of memory. */
  | {
      readonly type: "kernel-kill";
      readonly cause: "memcg" | "system";
      /** Where the victim was; null if the kernel did not say. */
      readonly memcg: string | null;
      /** Whose limit was hit; null for the system's, or if the kernel did not say. */
      readonly oomMemcg: string | null;
      /** Both null if only the counter tells of it. */
      readonly pid: number | null;
      readonly comm: string | null;
    }
  /** `badnessctl kill-all` has killed these; a long list comes in several events. */
  | {
      readonly type: "user-kill";
      readonly memcg: string;
      /** User id of who asked for it. */
      readonly uid: number;
      readonly victims: readonly UserVictim[];
    }
  | { readonly type: "config"; readonly changes: readonly string[] }
  | { readonly type: "fault"; readonly what: string; readonly memcg?: string; readonly level?: "warn" }
  /** Nothing is wrong, but something is less than it could be. */
  | { readonly type: "note"; readonly what: string };

/** `time`: ISO 8601, UTC. `seq`: counts up from 1 for as long as the daemon runs. */
export type Event = EventBody & { readonly time: string; readonly seq: number };

/** Of what is kept for those who ask later, as JSON; a larger event than LARGEST goes to those who listen alone. */
const KEPT_BYTES = 4 * 1024 * 1024;
const LARGEST_BYTES = 1024 * 1024;

/** Hands out what happens, later: never on the path between an OOM and the signal. */
export class Reporter {
  readonly #capacity: number;
  readonly #listeners = new Set<(event: Event, json: string) => void>();
  readonly #onEnd = new Set<() => void>();
  readonly #queue: Event[] = [];
  readonly #lines: string[] = [];
  #keptBytes = 0;
  #seq = 0;

  /** Keeps the last `capacity` events for those who ask later, fewer if they are large. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Costs no input or output: listeners hear of it when the event loop comes round. */
  report(body: EventBody): void {
    this.#seq += 1;
    if (this.#queue.length === 0) setImmediate(() => this.flush());
    this.#queue.push({ time: new Date().toISOString(), seq: this.#seq, ...body });
  }

  /** Returns the way to stop listening. `json` is the event as one line. */
  listen(listener: (event: Event, json: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls this once the last event has been told. Returns the way to be told no more. */
  onEnd(listener: () => void): () => void {
    this.#onEnd.add(listener);
    return () => this.#onEnd.delete(listener);
  }

  /** Tells what is left; nothing comes after it. */
  end(): void {
    this.flush();
    for (const listener of this.#onEnd) listener();
  }

  flush(): void {
    for (const event of this.#queue.splice(0)) {
      const json = JSON.stringify(event);
      this.#keep(json);
      for (const listener of this.#listeners) listener(event, json);
    }
  }

  /** The last events, one JSON object each. */
  get recentLines(): readonly string[] {
    return this.#lines;
  }

  get recent(): Event[] {
    return this.#lines.map((line) => JSON.parse(line) as Event);
  }

  #keep(json: string): void {
    if (json.length > LARGEST_BYTES) return;
    this.#lines.push(json);
    this.#keptBytes += json.length;
    while (this.#lines.length > this.#capacity || this.#keptBytes > KEPT_BYTES) {
      this.#keptBytes -= this.#lines.shift()?.length ?? 0;
    }
  }
}
