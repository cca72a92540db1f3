/** Everything the running configuration says about who dies first, answered fast enough for the hot path. */
import type { Config, PolicyUse } from "../config/types.ts";
import type { ProcessFacts } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import { PROTECTED, type Preference } from "../hierarchy/types.ts";
import { compileGlob, type Glob } from "./glob.ts";
import { type KnownXattrs, NONE_KNOWN } from "./known-xattrs.ts";
import { MemcgBadness, type MemcgPriority } from "./memcg-badness.ts";
import { ProcessBadness, type SetValues } from "./process-badness.ts";
import type { Sourced } from "./sourced.ts";
import { type IgnoredXattr, xattrName } from "./xattrs.ts";

const DELEGATED = xattrName("user", "badness");

export class Priorities {
  readonly config: Config;
  /** What oom.guard names; nothing while oom.enabled is 0. */
  readonly guard: readonly Glob[];
  readonly #memcgs: MemcgBadness;
  readonly #processes: ProcessBadness;
  readonly #xattrs: KnownXattrs;
  /** Globs are tried once for each memcg, not at its OOM. */
  readonly #known = new WeakMap<TreeNode, MemcgPriority>();
  readonly #policies = new WeakMap<TreeNode, PolicyUse | null>();

  constructor(config: Config, xattrs: KnownXattrs = NONE_KNOWN, set?: SetValues) {
    this.config = config;
    this.guard = config.settings.enabled ? config.settings.guard.map(compileGlob) : [];
    this.#memcgs = new MemcgBadness(config.memcgs, config.settings);
    this.#processes = new ProcessBadness(config.processes, config.settings, set);
    this.#xattrs = xattrs;
  }

  /** What is set on a memcg. */
  memcg(node: TreeNode): MemcgPriority {
    return this.#known.get(node) ?? this.refresh(node);
  }

  /**
   * What counts of it when `oomMemcg` is out of memory. What an ordinary owner protects is protected from their own
   * OOMs alone: in one from further up it is the last of theirs to die, or a tenant could leave all dying to others.
   */
  memcgIn(oomMemcg: TreeNode, node: TreeNode): MemcgPriority {
    const priority = this.memcg(node);
    const { value, source } = priority.badness;
    if (value !== PROTECTED || source !== DELEGATED) return priority;
    const { owner } = this.#xattrs.of(node);
    if (owner === 0 || owner === this.#xattrs.of(oomMemcg).owner) return priority;
    return { ...priority, badness: { value: PROTECTED - 1, source } };
  }

  /** The policies that decide about an OOM of this memcg: its own, those of the memcgs above, and that of all. */
  policiesOf(node: TreeNode): readonly PolicyUse[] {
    const uses = new Set<PolicyUse>();
    for (let at: TreeNode | null = node; at !== null; at = at.parent) {
      const use = this.policyOf(at);
      if (use !== null) uses.add(use);
    }
    return [...uses, this.config.settings.policy];
  }

  /** The policy that the files name for this very memcg, or null. */
  policyOf(node: TreeNode): PolicyUse | null {
    const known = this.#policies.get(node);
    const use = known === undefined ? this.#memcgs.policyOf(node.path) : known;
    if (known === undefined) this.#policies.set(node, use);
    return use;
  }

  /** Of the xattrs oomd_prefer and oomd_avoid the one that is set, and counts. */
  preference(node: TreeNode): Preference | null {
    return this.#xattrs.of(node).preference;
  }

  /** What is set on a memcg and does not count. */
  ignored(node: TreeNode): readonly IgnoredXattr[] {
    return this.#xattrs.of(node).ignored;
  }

  /** Works a memcg out afresh, since its xattrs have changed. */
  refresh(node: TreeNode): MemcgPriority {
    const priority = this.#memcgs.of(node.path, this.#xattrs.of(node));
    this.#known.set(node, priority);
    return priority;
  }

  process(facts: ProcessFacts): Sourced<number> {
    return this.#processes.of(facts);
  }

  /** What the policy files and the default say of it, whatever was set. */
  configured(facts: ProcessFacts): Sourced<number> {
    return this.#processes.configured(facts);
  }
}
