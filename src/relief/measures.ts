/** What the configuration allows to be done about a memcg's OOMs before anybody dies. */
import { compileGlob, type Glob } from "../badness/glob.ts";
import type { Config, MemcgRule, PreKill, ReliefStep } from "../config/types.ts";
import type { TreeNode } from "../hierarchy/tree.ts";

/** Null where there is none. */
export interface MemcgMeasures {
  readonly relief: readonly ReliefStep[];
  readonly handler: { readonly command: string } | null;
  readonly preKill: PreKill | null;
}

export class Measures {
  readonly #rules: readonly { readonly glob: Glob; readonly values: Partial<MemcgMeasures> }[];
  readonly #defaults: MemcgMeasures;
  /** Globs are tried once for each memcg. */
  readonly #known = new WeakMap<TreeNode, MemcgMeasures>();

  constructor({ settings, memcgs }: Config) {
    this.#rules = memcgs.filter(isMeasure).map((rule) => ({ glob: compileGlob(rule.glob), values: valuesOf(rule) }));
    this.#defaults = { relief: settings.relief, handler: null, preKill: null };
  }

  /** Nothing is allowed anywhere. */
  get isEmpty(): boolean {
    return this.#rules.length === 0 && this.#defaults.relief.length === 0;
  }

  /** A later rule overrides an earlier one, key by key. */
  of(node: TreeNode): MemcgMeasures {
    const before = this.#known.get(node);
    if (before !== undefined) return before;
    const matching = this.#rules.filter(({ glob }) => glob.matches(node.path));
    const measures = Object.assign({ ...this.#defaults }, ...matching.map(({ values }) => values));
    this.#known.set(node, measures);
    return measures;
  }
}

/** Whether a configuration allows anything. */
export function hasMeasures({ settings, memcgs }: Config): boolean {
  return settings.relief.length > 0 || memcgs.some(isMeasure);
}

function isMeasure({ relief, handler, preKill }: MemcgRule): boolean {
  return relief !== undefined || handler !== undefined || preKill !== undefined;
}

function valuesOf({ relief, handler, preKill }: MemcgRule): Partial<MemcgMeasures> {
  return { ...(relief && { relief }), ...(handler && { handler }), ...(preKill && { preKill }) };
}
