/** Everything the running configuration says about who dies first, answered fast enough for the hot path. */
import type { Config } from "../config/types.ts";
import type { ProcessFacts } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import { compileGlob, type Glob } from "./glob.ts";
import { MemcgBadness, type MemcgPriority } from "./memcg-badness.ts";
import { ProcessBadness } from "./process-badness.ts";
import type { Sourced } from "./sourced.ts";

export class Priorities {
  readonly config: Config;
  /** What oom.guard names; nothing while oom.enabled is 0. */
  readonly guard: readonly Glob[];
  readonly #memcgs: MemcgBadness;
  readonly #processes: ProcessBadness;
  /** Globs are tried once for each memcg, not at its OOM. */
  readonly #known = new WeakMap<TreeNode, MemcgPriority>();

  constructor(config: Config) {
    this.config = config;
    this.guard = config.settings.enabled ? config.settings.guard.map(compileGlob) : [];
    this.#memcgs = new MemcgBadness(config.memcgs, config.settings);
    this.#processes = new ProcessBadness(config.processes, config.settings);
  }

  memcg(node: TreeNode): MemcgPriority {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const priority = this.#memcgs.of(node.path);
    this.#known.set(node, priority);
    return priority;
  }

  process(facts: ProcessFacts): Sourced<number> {
    return this.#processes.of(facts);
  }
}
