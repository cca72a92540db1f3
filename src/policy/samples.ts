/**
 * What policies keep of memcgs from one interval to the next. Taken in small portions with pauses between them, so that an
 * OOM waits for one portion at most.
 */
import type { RankingPolicy } from "../../policies/contract.ts";
import type { PolicyUse } from "../config/types.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Memcg } from "../hierarchy/types.ts";
import { nowMs } from "../kernel/clock.ts";
import type { Loaded } from "./loaded.ts";

/** As oomd's. */
const INTERVAL_MS = 5_000;
const PORTION_MS = 2;
const PAUSE_MS = 5;

/** A memcg to be sampled for a policy. */
export interface Sampled {
  readonly by: Loaded;
  readonly node: TreeNode;
}

export interface SamplesOptions {
  /** Every memcg that may come to be ranked by a policy that wants samples. */
  sampled(): Iterable<Sampled>;
  memcgOf(node: TreeNode): Memcg;
  /** A policy's prerun has failed: what it had kept of that memcg is gone. */
  onFault(by: Loaded, error: unknown): void;
}

export class Samples {
  readonly #options: SamplesOptions;
  /** By policy and arguments, which stay what they are when the configuration is read again. */
  readonly #kept = new Map<string, WeakMap<TreeNode, unknown>>();
  #round: Iterator<Sampled> | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #pause: NodeJS.Timeout | null = null;

  constructor(options: SamplesOptions) {
    this.#options = options;
  }

  /** What `prerun` returned last, for the policy with this key. */
  of(key: string, node: TreeNode): unknown {
    return this.#kept.get(key)?.get(node);
  }

  /** Called as often as may be: begins a round when it is time for one, and the last is done. */
  tick(): void {
    if (this.#round !== null || nowMs() - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs();
    this.#round = this.#options.sampled()[Symbol.iterator]();
    this.#goOn();
  }

  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
  }

  #goOn(): void {
    const end = nowMs() + PORTION_MS;
    while (nowMs() < end) {
      const next = this.#round?.next();
      if (next === undefined || next.done === true) {
        this.#round = null;
        return;
      }
      this.#take(next.value);
    }
    this.#pause = setTimeout(() => this.#goOn(), PAUSE_MS);
  }

  #take({ by, node }: Sampled): void {
    const key = keyOf(by.use);
    const kept = this.#kept.get(key) ?? new WeakMap<TreeNode, unknown>();
    this.#kept.set(key, kept);
    try {
      kept.set(
        node,
        (by.policy as RankingPolicy).prerun?.(this.#options.memcgOf(node), kept.get(node), nowMs(), by.how.args),
      );
    } catch (error) {
      kept.delete(node);
      this.#options.onFault(by, error);
    }
  }
}

/** Whether a policy wants to be asked between OOMs. */
export function wantsSamples({ policy }: Loaded): boolean {
  return "prerun" in policy && policy.prerun !== undefined;
}

/** The same policy with the same arguments has the same key, whenever it was loaded. */
export function keyOf(use: PolicyUse): string {
  return JSON.stringify(use);
}
