import { type Memcg, PROTECTED } from "../hierarchy/types.ts";
import { passedOver } from "./killable.ts";
import type { Candidate, Level, Loser, PassedOver, Policy } from "./types.ts";

/** A level while the walk is on it: what stands there, and how far down the order the walk has come. */
export class Standing {
  readonly memcg: Memcg;
  readonly #policy: Policy;
  readonly #candidates: Candidate[] = [];
  readonly #passedOver: Loser[] = [];
  /** Candidates that the walk is done with; only ever grows. */
  readonly #past: Loser[] = [];
  readonly #order: Iterator<Candidate>;
  #current: Candidate | null = null;
  #hasYielded = false;
  #level: Level | null = null;

  constructor(memcg: Memcg, policy: Policy) {
    this.memcg = memcg;
    this.#policy = policy;
    for (const task of memcg.tasks) this.#add({ kind: "process", task });
    for (const child of memcg.children) this.#add({ kind: "memcg", memcg: child });
    this.#order = policy.rank(this.#candidates)[Symbol.iterator]();
  }

  #add(candidate: Candidate): void {
    const reason = reasonAgainst(candidate);
    if (reason === null) this.#candidates.push(candidate);
    else this.#passedOver.push({ candidate, reason });
  }

  /** Done with the current candidate: the next in the order, or null when the level is used up. */
  advance(): Candidate | null {
    if (this.#current !== null)
      this.#past.push({ candidate: this.#current, reason: this.#hasYielded ? "tried" : "no killable process" });
    const next = this.#order.next();
    this.#current = next.done === true ? null : next.value;
    this.#hasYielded = false;
    this.#level = null;
    return this.#current;
  }

  /** A victim was found in the current candidate. */
  markYielded(): void {
    this.#hasYielded = true;
  }

  /** The level as it is now. */
  level(): Level {
    this.#level ??= this.#describe(this.#current, this.#past.length);
    return this.#level;
  }

  /** The losers are put together when somebody asks for them: a full ranking never does. */
  #describe(chosen: Candidate | null, pastCount: number): Level {
    let losers: readonly Loser[] | undefined;
    const findLosers = () => {
      const past = this.#past.slice(0, pastCount);
      return [...past, ...this.#lost(chosen, past), ...this.#passedOver];
    };
    return {
      memcg: this.memcg,
      group: false,
      chosen,
      get losers() {
        losers ??= findLosers();
        return losers;
      },
    };
  }

  #lost(chosen: Candidate | null, past: readonly Loser[]): Loser[] {
    if (chosen === null) return [];
    const gone = new Set([chosen, ...past.map((loser) => loser.candidate)]);
    const lost = this.#candidates.filter((candidate) => !gone.has(candidate));
    return lost.map((candidate) => ({ candidate, reason: this.#policy.decidedBy(chosen, candidate) }));
  }
}

function reasonAgainst(candidate: Candidate): PassedOver | null {
  if (candidate.kind === "process") return passedOver(candidate.task);
  return candidate.memcg.badness === PROTECTED ? "protected" : null;
}
