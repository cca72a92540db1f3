/** What no counter of a memcg tells, gathered from the start on: plain numbers, as many for a million OOMs as for one. */
import type { Event, Reporter } from "../report/events.ts";

/** Upper bounds in seconds. Notice to kill is in the first ones, the freeing of memory in the middle, delays at the end. */
export const BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** How long something took, each time. */
export class Durations {
  /** One more than there are bounds: the last one has none. */
  readonly #counts: number[] = Array.from({ length: BOUNDS_SECONDS.length + 1 }, () => 0);
  #sumSeconds = 0;

  add(ms: number): void {
    const seconds = ms / 1_000;
    const bucket = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    const index = bucket < 0 ? BOUNDS_SECONDS.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumSeconds += seconds;
  }

  get sumSeconds(): number {
    return this.#sumSeconds;
  }

  /** How many took no longer than each bound, and last, how many there were. */
  cumulative(): number[] {
    let sum = 0;
    return this.#counts.map((count) => {
      sum += count;
      return sum;
    });
  }
}

export class Observed {
  /** From the notice of an OOM to the last signal, of those that somebody was killed for. */
  readonly toKill = new Durations();
  /** From the notice of an OOM until nobody waited. */
  readonly toRelief = new Durations();
  #faults = 0;

  constructor(reporter: Reporter) {
    reporter.listen((event) => this.#take(event));
  }

  get faults(): number {
    return this.#faults;
  }

  #take(event: Event): void {
    if (event.type === "fault") this.#faults += 1;
    if (event.type !== "relieved") return;
    this.toRelief.add(event.tookMs);
    if (event.steps !== null) this.toKill.add(event.steps.killedMs);
  }
}
