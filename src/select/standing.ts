import { type Memcg, PROTECTED } from "../hierarchy/types.ts";
import { passedOver } from "./killable.ts";
import type { Candidate, Level, Loser, Order, PassedOver } from "./types.ts";

/** A level while the walk is on it: what stands there, and how far down the order the walk has come. */
export class Standing {
  readonly memcg: Memcg;
  readonly #order: Order;
  readonly #candidates: Candidate[] = [];
  readonly #passedOver: Loser[] = [];
  /** Candidates that the walk is done with; only ever grows. */
  readonly #past: Loser[] = [];
  readonly #ranked: Iterator<Candidate>;
  #current: Candidate | null = null;
  /** What is said of the current one when the walk is done with it. */
  #outcome: Exclude<Loser["reason"], "lost"> = "no killable process";
  #level: Level | null = null;

  /** `memcg` and what is to be compared there. */
  constructor(memcg: Memcg, siblings: Iterable<Candidate>, order: (candidates: readonly Candidate[]) => Order) {
    this.memcg = memcg;
    for (const candidate of siblings) {
      const reason = reasonAgainst(candidate, memcg);
      if (reason === null) this.#candidates.push(candidate);
      else this.#passedOver.push({ candidate, reason });
    }
    this.#order = order(this.#candidates);
    this.#ranked = this.#order.ranked[Symbol.iterator]();
  }

  /** Done with the current candidate: the next in the order, or null when the level is used up. */
  advance(): Candidate | null {
    if (this.#current !== null) this.#past.push({ candidate: this.#current, reason: this.#outcome });
    const next = this.#ranked.next();
    this.#current = next.done === true ? null : next.value;
    this.#outcome = "no killable process";
    this.#level = null;
    return this.#current;
  }

  /** A victim was found in the current candidate. */
  markYielded(): void {
    this.#outcome = "tried";
  }

  /** Killing the current candidate would free nothing. */
  markEmpty(): void {
    this.#outcome = "no anonymous memory";
  }

  /** The level as it is now. */
  level(): Level {
    this.#level ??= new Moment(this.memcg, this.#current, this.#order, {
      candidates: this.#candidates,
      past: this.#past,
      pastCount: this.#past.length,
      passedOver: this.#passedOver,
    });
    return this.#level;
  }
}

/** All that stands on a level. The first `pastCount` of `past` are those of the moment. */
interface Bystanders {
  readonly candidates: readonly Candidate[];
  readonly past: readonly Loser[];
  readonly pastCount: number;
  readonly passedOver: readonly Loser[];
}

/** A level at one moment of the walk. Reasons are put together when somebody asks for them: a full ranking never does. */
class Moment implements Level {
  readonly memcg: Memcg;
  readonly group = false;
  readonly chosen: Candidate | null;
  readonly #order: Order;
  readonly #bystanders: Bystanders;
  #others: readonly Candidate[] | undefined;
  #losers: readonly Loser[] | undefined;

  constructor(memcg: Memcg, chosen: Candidate | null, order: Order, bystanders: Bystanders) {
    this.memcg = memcg;
    this.chosen = chosen;
    this.#order = order;
    this.#bystanders = bystanders;
  }

  get why(): string {
    return this.chosen === null ? "" : this.#order.describe(this.chosen, this.#findOthers());
  }

  get losers(): readonly Loser[] {
    const { past, pastCount, passedOver } = this.#bystanders;
    this.#losers ??= [...past.slice(0, pastCount), ...this.#findLost(), ...passedOver];
    return this.#losers;
  }

  /** Whose turn has not come. */
  #findOthers(): readonly Candidate[] {
    if (this.#others !== undefined) return this.#others;
    const { candidates, past, pastCount } = this.#bystanders;
    const gone = new Set(past.slice(0, pastCount).map((loser) => keyOf(loser.candidate)));
    if (this.chosen !== null) gone.add(keyOf(this.chosen));
    this.#others = candidates.filter((candidate) => !gone.has(keyOf(candidate)));
    return this.#others;
  }

  #findLost(): Loser[] {
    const { chosen } = this;
    return this.#findOthers().map((candidate) => {
      if (chosen === null) return { candidate, reason: "not ranked" };
      return { candidate, reason: "lost", comparison: this.#order.compare(chosen, candidate) };
    });
  }
}

function reasonAgainst(candidate: Candidate, top: Memcg): PassedOver | null {
  if (candidate.kind === "process") return passedOver(candidate.task);
  return candidate.memcg.badness === PROTECTED && candidate.memcg !== top ? "protected" : null;
}

/** A policy may give back another object that says the same. */
function keyOf(candidate: Candidate): Memcg | number {
  return candidate.kind === "process" ? candidate.task.pid : candidate.memcg;
}
