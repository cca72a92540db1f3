/** The badness of a memcg, and where it comes from. Lower badness dies first. */
import type { MemcgRule, PolicyUse, Settings } from "../config/types.ts";
import type { KillUnit } from "../hierarchy/types.ts";
import type { Glob } from "./glob.ts";
import { compileGlob } from "./glob.ts";
import type { Sourced } from "./sourced.ts";
import { DEFAULT_SOURCE } from "./sourced.ts";

/** All that decides about a memcg, each value with its source. */
export interface MemcgPriority {
  readonly badness: Sourced<number>;
  readonly kill: Sourced<KillUnit>;
  readonly delayMs: Sourced<number>;
}

/** Values from the xattrs of a memcg's directory, as far as they are valid and count. */
export interface MemcgXattrs {
  readonly trusted: Partial<MemcgPriority>;
  readonly user: Partial<MemcgPriority>;
}

/** Nothing is set. */
export const NO_XATTRS: MemcgXattrs = { trusted: {}, user: {} };

/** Gives each memcg its values: trusted xattrs first, then the policy files, user xattrs, the defaults. */
export class MemcgBadness {
  readonly #rules: readonly { readonly glob: Glob; readonly values: Partial<MemcgPriority> }[];
  /** Those that name a policy, the last first. */
  readonly #policies: readonly { readonly glob: Glob; readonly policy: PolicyUse }[];
  readonly #defaults: MemcgPriority;

  constructor(rules: readonly MemcgRule[], settings: Settings) {
    this.#rules = rules.map((rule) => ({ glob: compileGlob(rule.glob), values: valuesOf(rule) }));
    const naming = rules.flatMap(({ glob, policy }) =>
      policy === undefined ? [] : { glob: compileGlob(glob), policy },
    );
    this.#policies = naming.reverse();
    this.#defaults = {
      badness: { value: settings.defaultBadness, source: DEFAULT_SOURCE },
      kill: { value: "process", source: DEFAULT_SOURCE },
      delayMs: { value: settings.delayMs, source: DEFAULT_SOURCE },
    };
  }

  /** Tries every rule: for the time of preparation, not for that of an OOM. */
  of(path: string, xattrs: MemcgXattrs = NO_XATTRS): MemcgPriority {
    const matching = this.#rules.filter((rule) => rule.glob.matches(path));
    const priority = { ...this.#defaults };
    // Key by key, what comes later here wins.
    for (const layer of [xattrs.user, ...matching.map((rule) => rule.values), xattrs.trusted]) {
      Object.assign(priority, layer);
    }
    return priority;
  }

  /** The policy that the files name for it, or null. */
  policyOf(path: string): PolicyUse | null {
    return this.#policies.find(({ glob }) => glob.matches(path))?.policy ?? null;
  }
}

function valuesOf({ badness, kill, delayMs, where: source }: MemcgRule): Partial<MemcgPriority> {
  return {
    ...(badness !== undefined && { badness: { value: badness, source } }),
    ...(kill !== undefined && { kill: { value: kill, source } }),
    ...(delayMs !== undefined && { delayMs: { value: delayMs, source } }),
  };
}
