/**
 * Kill-all: everybody in a subtree dies, newcomers and forks included, until it is empty and stays so.
 *
 *     forks shut off → look → strike → look → … → nobody, twice in a row → forks as before
 *
 * Each process is struck by pidfd, after a second look at who and where it is: nobody is followed out of the subtree.
 */
import type { Task } from "../hierarchy/types.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { HeldDirectory } from "../kernel/held-directory.ts";
import { shutPidsLimit } from "../kernel/pids.ts";
import { type Census, type Spared, type Target, takeCensus } from "./census.ts";
import { strike } from "./kill.ts";
import { strikeTogether } from "./together.ts";
import { keyOf, Toll } from "./toll.ts";
import { isEmpty, isHopeless, type Left, leftOf } from "./unfinished.ts";

/** The subtree must be empty at so many looks in a row, so far apart. */
const QUIET_LOOKS = 2;
const QUIET_MS = 20;
/** While those who were struck die, and nobody new appears. */
const DYING_POLL_MS = 1;
/** New memcgs are looked for every so many rounds, and before any look that counts as quiet. */
const ROUNDS_A_RESCAN = 8;
/** So many rounds with newcomers, and what can be killed in one stroke is. */
const ROUNDS_OF_SINGLES = 4;
/** Nobody died and nobody came for so long: those who can never die need not be waited for. */
const STALLED_MS = 1_000;
/** For the last ones, who are off the list of their memcg but not quite gone. */
const SETTLE_MS = 500;

const NOBODY: Census = { killable: [], dying: [], spared: [], unseen: [], unread: [] };

export interface KillAllOptions {
  readonly timeoutMs: number;
  /** Ends it early; what was shut is opened again. */
  readonly interrupted: AbortSignal;
}

/** What came of it. It is unfinished if anybody is `left`, or `trouble` says why that is not known. */
export interface KillAllResult {
  readonly memcg: string;
  /** Each process once, by pid and start time. */
  readonly killed: readonly Task[];
  readonly spared: readonly Spared[];
  readonly left: readonly Left[];
  readonly trouble: readonly string[];
  readonly rounds: number;
  readonly tookMs: number;
}

/** Empties the subtree of `target`; bounded by `timeoutMs` and a second. */
export async function killAll(target: Target, options: KillAllOptions): Promise<KillAllResult> {
  const { tree, node } = target;
  const startedMs = nowMs();
  const limit = shutPidsLimit(tree.mountPoint, node.path);
  const rounds = new Rounds(target, limit !== null, options);
  try {
    await rounds.run(startedMs + options.timeoutMs);
  } finally {
    const error = limit?.reopen() ?? null;
    if (error !== null) rounds.trouble.push(`cannot put pids.max back: ${error}`);
    rounds.close();
  }
  const { toll, census, missed, trouble, count } = rounds;
  const left = leftOf(census, missed);
  const tookMs = nowMs() - startedMs;
  return { memcg: node.path, killed: toll.killed, spared: census.spared, left, trouble, rounds: count, tookMs };
}

class Rounds {
  readonly toll = new Toll();
  /** Why somebody was not struck at the last try, by pid. */
  readonly missed = new Map<number, string>();
  readonly trouble: string[] = [];
  census: Census = NOBODY;
  count = 0;
  readonly #target: Target;
  readonly #areForksShut: boolean;
  readonly #interrupted: AbortSignal;
  readonly #directory: HeldDirectory;
  readonly #met = new Set<string>();
  #progressMs = nowMs();

  constructor(target: Target, areForksShut: boolean, { interrupted }: KillAllOptions) {
    this.#target = target;
    this.#areForksShut = areForksShut;
    this.#interrupted = interrupted;
    this.#directory = new HeldDirectory(target.tree.directoryOf(target.node), target.node.ino);
  }

  async run(deadlineMs: number): Promise<void> {
    for (let quiet = 0; quiet < QUIET_LOOKS && !this.#hasLostTarget(); ) {
      if (quiet > 0) await sleep(QUIET_MS);
      this.#look(quiet > 0 || this.count % ROUNDS_A_RESCAN === 0);
      quiet = isEmpty(this.census) ? quiet + 1 : 0;
      if (quiet > 0) continue;
      if (this.#mustEnd(deadlineMs)) break;
      await this.#round();
    }
    await this.toll.settle([...this.census.killable, ...this.census.dying], SETTLE_MS);
    for (const memcg of this.census.unread) this.trouble.push(`cannot read ${memcg}`);
  }

  close(): void {
    this.toll.close();
    this.#directory.close();
  }

  async #round(): Promise<void> {
    const dead = this.toll.size;
    const newcomers = this.census.killable.filter((task) => !this.#met.has(keyOf(task)));
    for (const task of newcomers) this.#met.add(keyOf(task));
    const isBreeding = newcomers.length > 0 && this.count % ROUNDS_OF_SINGLES === 0 && !this.#areForksShut;
    if (isBreeding) this.toll.add(await strikeTogether(this.#target.node.path, () => takeCensus(this.#target)));
    this.#strike();
    // Deaths are heard of on the event loop.
    if (newcomers.length > 0) await new Promise((resolve) => setImmediate(resolve));
    else await sleep(DYING_POLL_MS);
    if (newcomers.length > 0 || this.toll.size > dead) this.#progressMs = nowMs();
  }

  #look(isThorough: boolean): void {
    const { tree, node } = this.#target;
    this.count += 1;
    if (isThorough) tree.rescan(node);
    this.census = takeCensus(this.#target);
  }

  #strike(): void {
    const { struck, missed } = strike(this.census.killable, this.#target.node.path);
    this.toll.add(struck);
    this.missed.clear();
    for (const { task, why } of missed) if (why !== "gone") this.missed.set(task.pid, why);
  }

  /** Removed, it is empty for good. */
  #hasLostTarget(): boolean {
    const state = this.#directory.state();
    if (state !== "here") this.census = NOBODY;
    if (state === "renamed") this.trouble.push("it was given another name meanwhile");
    return state !== "here";
  }

  #mustEnd(deadlineMs: number): boolean {
    if (this.#interrupted.aborted) this.trouble.push("interrupted");
    const isStalled = nowMs() - this.#progressMs > STALLED_MS && isHopeless(this.census, this.missed);
    return this.#interrupted.aborted || isStalled || nowMs() >= deadlineMs;
  }
}
