/**
 * Recognises an OOM that comes back at once after each kill, because whoever died is started again. Pure: times are the
 * caller's, in milliseconds of one clock that never goes back.
 *
 * Killing the same name often proves nothing: a group of workers may die one by one of a single OOM. So each victim must
 * have been started after the one before had died.
 */

/** A process that was killed. */
export interface Death {
  readonly atMs: number;
  readonly startedMs: number;
  readonly comm: string;
  readonly memcg: string;
}

/** Who dies again and again. */
export interface Pattern {
  /** What all of them are called, and where all of them were; one of both is not null. */
  readonly comm: string | null;
  readonly memcg: string | null;
  /** The oldest first. */
  readonly deaths: readonly Death[];
}

interface History {
  deaths: readonly Death[];
  pattern: Pattern | null;
  lastMs: number;
}

/** So many deaths in a row, in no more time than this. */
export const DEATHS = 5;
export const WINDOW_MS = 60_000;
/** A death is told of a little late. */
export const SLACK_MS = 100;
/** Of a large group its first members stand for all. */
const MOST_DEATHS = 100;
/** OOM memcgs with a history. */
const MOST_MEMCGS = 1_000;

export class LivelockDetector {
  /** By OOM memcg. */
  readonly #histories = new Map<string, History>();

  /** An OOM, whoever died of it. */
  noteOom(oomMemcg: string, atMs: number): void {
    this.#historyOf(oomMemcg, atMs).lastMs = atMs;
  }

  /** One kill, of a process or of a group: the pattern that it completes, or null. */
  noteKill(oomMemcg: string, atMs: number, victims: readonly Omit<Death, "atMs">[]): Pattern | null {
    const history = this.#historyOf(oomMemcg, atMs);
    const before = history.deaths.filter((death) => atMs - death.atMs <= WINDOW_MS);
    const fresh = victims.slice(0, MOST_DEATHS).map((victim) => ({ ...victim, atMs }));
    const pattern = findPattern(before, fresh);
    // The next time is another one.
    history.deaths = pattern === null ? [...before, ...fresh].slice(-MOST_DEATHS) : [];
    history.pattern = pattern ?? history.pattern;
    history.lastMs = atMs;
    return pattern;
  }

  /**
   * What goes on in an OOM memcg: the last pattern there, until there has been no OOM for a while. Asked on the way to a
   * kill: the clock is read only where it matters.
   */
  inForce(oomMemcg: string, clock: () => number): Pattern | null {
    const history = this.#histories.get(oomMemcg);
    return history === undefined || history.pattern === null || isCalm(history, clock()) ? null : history.pattern;
  }

  #historyOf(oomMemcg: string, nowMs: number): History {
    const known = this.#histories.get(oomMemcg);
    if (known !== undefined && !isCalm(known, nowMs)) return known;
    if (this.#histories.size >= MOST_MEMCGS) this.#makeRoom(nowMs);
    const history = { deaths: [], pattern: null, lastMs: nowMs };
    this.#histories.set(oomMemcg, history);
    return history;
  }

  /** Forgets those that are calm, and if none is, the one that was the first. */
  #makeRoom(nowMs: number): void {
    for (const [memcg, history] of this.#histories) if (isCalm(history, nowMs)) this.#histories.delete(memcg);
    const [first] = this.#histories.keys();
    if (this.#histories.size >= MOST_MEMCGS && first !== undefined) this.#histories.delete(first);
  }
}

function isCalm({ lastMs }: History, nowMs: number): boolean {
  return nowMs - lastMs > WINDOW_MS;
}

function findPattern(before: readonly Death[], fresh: readonly Death[]): Pattern | null {
  for (const last of fresh) {
    for (const key of ["comm", "memcg"] as const) {
      const deaths = chainTo(last, before, key);
      if (deaths.length >= DEATHS) return { comm: shared(deaths, "comm"), memcg: shared(deaths, "memcg"), deaths };
    }
  }
  return null;
}

/**
 * The longest row of deaths that ends with `last`, each of a process that was started after the one before had died.
 * Backwards, taking the one that was started last leaves the most room for those before it; of those that were started
 * at once, the one that lived longest goes first, as only one that was gone at once can stand before it.
 */
export function chainTo(last: Death, before: readonly Death[], key: "comm" | "memcg"): Death[] {
  const alike = before
    .filter((death) => death[key] === last[key])
    .sort((a, b) => b.startedMs - a.startedMs || b.atMs - a.atMs);
  const chain = [last];
  let first = last;
  for (const death of alike) {
    if (!isBefore(death, first)) continue;
    chain.unshift(death);
    first = death;
  }
  return chain;
}

/** By when they were started as well: of two that died within the slack, each could stand before the other. */
function isBefore(death: Death, next: Death): boolean {
  return death.startedMs <= next.startedMs && death.atMs <= next.startedMs + SLACK_MS;
}

function shared(deaths: readonly Death[], key: "comm" | "memcg"): string | null {
  const values = new Set(deaths.map((death) => death[key]));
  const [value = null] = values;
  return values.size === 1 ? value : null;
}
