/** Who died where, and why: counted from the events, for every memcg and for what lies below it. */
import type { Event } from "./events.ts";

/** Killed processes, by who killed them. */
export interface KillCount {
  readonly handler: number;
  readonly kernel: number;
}

/** Why somebody died: a memcg's limit was hit, the system ran out of memory, or somebody asked for it (kill-all). */
export type Cause = "memcg" | "system" | "user";
export type Killer = keyof KillCount;

/** The counters of one memcg, as `badnessctl stats --json` prints them. */
export interface MemcgCounters {
  readonly memcg: string;
  /** Killed processes that were attached to this very memcg. */
  readonly local: number;
  /** Killed processes of its subtree: the sum of `byCause`. */
  readonly hierarchical: number;
  readonly byCause: Readonly<Record<Cause, KillCount>>;
  /** Times that it was out of memory itself. */
  readonly oom: number;
  /** Times that its OOM outlasted the delay. */
  readonly delayExpired: number;
  /** Times that nobody in it might be killed. */
  readonly noVictim: number;
}

/** What is counted of a memcg besides its dead. */
type Happening = "oom" | "delayExpired" | "noVictim";

/** The counters of a memcg that may have gone since, when another may have come in its place. */
export interface KeptMemcg {
  readonly ino: bigint;
  readonly counters: MemcgCounters;
}

type Entry = {
  readonly ino: bigint;
  local: number;
  readonly byCause: Record<Cause, Record<Killer, number>>;
} & Record<Happening, number>;

/** Memcgs with counters of their own; kills in any further one count in those above it that have. */
const MOST_MEMCGS = 10_000;
/** Killed processes that are remembered, so that each is counted once whoever tells of it. */
const MOST_REMEMBERED = 10_000;

export class Counters {
  readonly #entries = new Map<string, Entry>();
  readonly #inoOf: (memcg: string) => bigint | null;
  readonly #remembered = new Set<string>();

  /** `inoOf`: the inode number of a memcg's directory, null if it is gone: only what counts above it is kept then. */
  constructor(inoOf: (memcg: string) => bigint | null, kept: readonly KeptMemcg[] = []) {
    this.#inoOf = inoOf;
    for (const { ino, counters } of kept) {
      const { memcg, local, byCause, oom, delayExpired, noVictim } = counters;
      this.#entries.set(memcg, { ino, local, byCause: structuredClone(byCause), oom, delayExpired, noVictim });
    }
  }

  /** Counts what an event tells of; true if that was anything. */
  take(event: Event): boolean {
    switch (event.type) {
      case "kill":
        // The root has no limit of its own: its OOM is the system's.
        return !event.dryRun && this.#countAll(event.victims, event.memcg === "/" ? "system" : "memcg");
      case "user-kill":
        return this.#countAll(event.victims, "user");
      case "kernel-kill":
        this.#count(event.memcg, event.cause, "kernel");
        return true;
      case "oom":
        return this.#happened(event.memcg, "oom");
      case "delay-expired":
        return this.#happened(event.memcg, "delayExpired");
      case "no-victim":
        return this.#happened(event.memcg, "noVictim");
      default:
        return false;
    }
  }

  /** Zeros where nothing ever happened. */
  of(memcg: string): MemcgCounters {
    const { local, byCause, oom, delayExpired, noVictim } = this.#entries.get(memcg) ?? zeros(0n);
    const hierarchical = Object.values(byCause).reduce((sum, { handler, kernel }) => sum + handler + kernel, 0);
    return { memcg, local, hierarchical, byCause: structuredClone(byCause), oom, delayExpired, noVictim };
  }

  /** Those that are not all zeros, by their paths. */
  all(): MemcgCounters[] {
    return [...this.#entries.keys()].sort().map((memcg) => this.of(memcg));
  }

  /** The memcgs that are not all zeros, in the order in which they came to that. */
  paths(): Iterable<string> {
    return this.#entries.keys();
  }

  /** What the next run is to go on from. */
  kept(): KeptMemcg[] {
    return Array.from(this.#entries, ([memcg, { ino }]) => ({ ino, counters: this.of(memcg) }));
  }

  /** Drops those that went, or were made again under the same name, while nobody looked. */
  dropGone(): void {
    for (const [memcg, { ino }] of this.#entries) if (this.#inoOf(memcg) !== ino) this.#entries.delete(memcg);
  }

  /** Memcgs that are no more, with null, or that have another path now. */
  move(paths: ReadonlyMap<string, string | null>): void {
    const moved: [string, Entry][] = [];
    for (const [from, to] of paths) {
      const entry = this.#entries.get(from);
      if (this.#entries.delete(from) && entry !== undefined && to !== null) moved.push([to, entry]);
    }
    for (const [to, entry] of moved) this.#entries.set(to, entry);
  }

  #countAll(victims: readonly { pid: number; startTime: number; memcg: string }[], cause: Cause): boolean {
    const fresh = victims.filter(({ pid, startTime }) => this.#isNew(`${pid}:${startTime}`));
    for (const { memcg } of fresh) this.#count(memcg, cause, "handler");
    return fresh.length > 0;
  }

  #isNew(victim: string): boolean {
    if (this.#remembered.has(victim)) return false;
    this.#remembered.add(victim);
    const [oldest] = this.#remembered;
    if (oldest !== undefined && this.#remembered.size > MOST_REMEMBERED) this.#remembered.delete(oldest);
    return true;
  }

  /** `memcg` null: somewhere. */
  #count(memcg: string | null, cause: Cause, killer: Killer): void {
    const own = memcg === null ? null : this.#entryOf(memcg);
    if (own !== null) own.local += 1;
    for (const path of withAncestors(memcg ?? "/")) {
      const entry = this.#entryOf(path);
      if (entry !== null) entry.byCause[cause][killer] += 1;
    }
  }

  #happened(memcg: string, what: Happening): boolean {
    const entry = this.#entryOf(memcg);
    if (entry !== null) entry[what] += 1;
    return entry !== null;
  }

  #entryOf(memcg: string): Entry | null {
    const known = this.#entries.get(memcg);
    if (known !== undefined) return known;
    const ino = this.#inoOf(memcg);
    if (ino === null || (this.#entries.size >= MOST_MEMCGS && memcg !== "/")) return null;
    const entry = zeros(ino);
    this.#entries.set(memcg, entry);
    return entry;
  }
}

function zeros(ino: bigint): Entry {
  const none = () => ({ handler: 0, kernel: 0 });
  const byCause = { memcg: none(), system: none(), user: none() };
  return { ino, local: 0, byCause, oom: 0, delayExpired: 0, noVictim: 0 };
}

/** `/a/b`, `/a` and `/`. */
function withAncestors(memcg: string): string[] {
  const names = memcg.split("/").filter((name) => name !== "");
  return ["/", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
}
