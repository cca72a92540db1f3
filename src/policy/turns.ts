/** Who decides, and in which turn: the policy that is nearest to the OOM memcg, those further up, and at last the built-in. */
import type { Memcg } from "../hierarchy/types.ts";
import type { Choice, Level } from "../select/types.ts";
import { rank } from "../select/walk.ts";
import { PolicyFailed } from "./guard.ts";
import { BUILT_IN, type Loaded } from "./loaded.ts";

/** What a policy made of an OOM. */
export type Outcome =
  | { readonly kind: "chosen"; readonly choice: Choice }
  /** Nobody may be killed, or the policy left out all of them: `level` says which. */
  | { readonly kind: "nobody"; readonly level: Level }
  | { readonly kind: "failed"; readonly why: string };

/** Asks one policy for its first victim. */
export function ask(root: Memcg, { policy, how, begin }: Loaded): Outcome {
  begin();
  try {
    const first = rank(root, policy, how).next();
    return first.done === true ? { kind: "nobody", level: first.value } : { kind: "chosen", choice: first.value };
  } catch (error) {
    if (error instanceof PolicyFailed) return { kind: "failed", why: error.message };
    throw error;
  }
}

/** A choice, and the policy whose it is. */
export interface Decided {
  readonly by: Loaded;
  /** Null: nobody may be killed, and `levels` says why not. */
  readonly choice: Choice | null;
  readonly levels: readonly Level[];
  /** What those say who only rehearse. */
  readonly rehearsed: readonly Rehearsed[];
  /** Those who lost their turn. */
  readonly failed: readonly Failed[];
  /** Those who know nobody to kill. */
  readonly silent: readonly Loaded[];
}

export interface Rehearsed {
  readonly by: Loaded;
  readonly choice: Choice;
}

export interface Failed {
  readonly by: Loaded;
  readonly why: string;
}

/** The first of `turns` that has a victim decides; behind all of them stands the built-in policy. */
export function decideInTurn(root: Memcg, turns: readonly Loaded[]): Decided {
  const rehearsed: Rehearsed[] = [];
  const failed: Failed[] = [];
  const silent: Loaded[] = [];
  const others = { rehearsed, failed, silent };
  for (const by of turns) {
    const outcome = ask(root, by);
    if (outcome.kind === "failed") failed.push({ by, why: outcome.why });
    if (outcome.kind === "nobody") silent.push(by);
    if (outcome.kind !== "chosen") continue;
    const { choice } = outcome;
    if (!by.dry) return { by, choice, levels: choice.levels, ...others };
    rehearsed.push({ by, choice });
  }
  const outcome = ask(root, BUILT_IN);
  if (outcome.kind === "chosen")
    return { by: BUILT_IN, choice: outcome.choice, levels: outcome.choice.levels, ...others };
  const levels = outcome.kind === "nobody" ? [outcome.level] : [];
  return { by: BUILT_IN, choice: null, levels, ...others };
}
