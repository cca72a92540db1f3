/** The policies of the running configuration, and what they keep of the past. */
import type { Priorities } from "../badness/priorities.ts";
import type { PolicyUse } from "../config/types.ts";
import { liveHierarchy, type Ranks } from "../hierarchy/live.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import type { Memcg } from "../hierarchy/types.ts";
import type { Reporter } from "../report/events.ts";
import { PolicySlow } from "./guard.ts";
import { loadPolicies } from "./load.ts";
import { bind, type Loaded, uptoBuiltIn } from "./loaded.ts";
import { keyOf, type Sampled, Samples, wantsSamples } from "./samples.ts";

export interface InForceOptions {
  readonly tree: MemcgTree;
  /** The memcgs whose OOMs may come to be decided. */
  tops(): Iterable<TreeNode>;
  readonly ranks: Ranks;
  readonly reporter: Reporter;
}

export class PoliciesInForce {
  readonly #options: InForceOptions;
  readonly #samples: Samples;
  #priorities: Priorities | null = null;
  #loaded: ReadonlyMap<PolicyUse, Loaded> = new Map();
  readonly #faulty = new Set<Loaded>();
  /** Until they are loaded again. */
  readonly #passedOver = new Set<Loaded>();

  constructor(options: InForceOptions) {
    this.#options = options;
    this.#samples = new Samples({
      sampled: () => this.#sampled(),
      memcgOf: (node) => liveHierarchy(options.tree, node, options.ranks),
      onFault: (by, error) => this.#onFault(by, error),
    });
  }

  /** Loads what this configuration uses; it decides from then on, all at once. Never rejects. */
  async adopt(priorities: Priorities): Promise<void> {
    const { policies, faults } = await loadPolicies(priorities.config);
    for (const fault of faults) this.#report(fault);
    this.#loaded = new Map(Array.from(policies, ([use, policy]) => [use, bind(use, policy, this.#sampleOf(use))]));
    this.#priorities = priorities;
    this.#faulty.clear();
    this.#passedOver.clear();
  }

  /** Who decides about an OOM of this memcg, in this order; behind them stands the built-in policy. */
  turnsOf(node: TreeNode): readonly Loaded[] {
    const inTurn = (this.#priorities?.policiesOf(node) ?? []).flatMap((use) => this.#loaded.get(use) ?? []);
    return uptoBuiltIn(inTurn).filter((each) => !this.#passedOver.has(each));
  }

  /** Once a second: samples are taken when it is time. */
  tick(): void {
    if ([...this.#loaded.values()].some(wantsSamples)) this.#samples.tick();
  }

  stop(): void {
    this.#samples.stop();
  }

  /** What every policy keeps of the memcgs that it may come to rank, for commands: by its key, then by memcg path. */
  samples(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    const all: Record<string, Record<string, unknown>> = {};
    for (const { by, node } of this.#sampled()) {
      const key = keyOf(by.use);
      all[key] = Object.assign(all[key] ?? {}, { [node.path]: this.#samples.of(key, node) });
    }
    return all;
  }

  #sampleOf(use: PolicyUse): (memcg: Memcg) => unknown {
    const key = keyOf(use);
    return ({ path }) => {
      const node = this.#options.tree.find(path);
      return node === null ? undefined : this.#samples.of(key, node);
    };
  }

  /** Their subtrees may lie in one another: each memcg once for a policy. */
  *#sampled(): Generator<Sampled> {
    const seen = new Map<Loaded, Set<TreeNode>>();
    for (const top of this.#options.tops()) {
      for (const by of this.turnsOf(top).filter(wantsSamples)) {
        const known = seen.get(by) ?? new Set();
        seen.set(by, known);
        for (const node of this.#options.tree.walk(top)) {
          if (!known.has(node) && !this.#passedOver.has(by)) yield { by, node };
          known.add(node);
        }
      }
    }
  }

  #onFault(by: Loaded, error: unknown): void {
    const isSlow = error instanceof PolicySlow;
    if (this.#faulty.has(by) && !isSlow) return;
    this.#faulty.add(by);
    const what = `policy ${by.policy.name}: its prerun failed: ${error instanceof Error ? error.message : error}`;
    if (isSlow) this.#passedOver.add(by);
    this.#report(isSlow ? `${what}; it is passed over until the configuration changes` : what);
  }

  #report(what: string): void {
    this.#options.reporter.report({ type: "fault", what });
  }
}
