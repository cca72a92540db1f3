/** What those are told who may bring memory back. */
import { type DecisionJson, decisionJson } from "../report/decision-json.ts";
import type { Choice } from "../select/types.ts";
import type { Plight } from "./types.ts";

/** For whoever owns a memcg. */
export interface Plea {
  /** Whose listener, handler or hook is turned to. */
  readonly memcg: string;
  readonly oomMemcg: string;
  readonly usageBytes: number;
  /** Null if memory has none, as when that of memory and swap was hit. */
  readonly limitBytes: number | null;
  /** How long they have. */
  readonly windowMs: number;
  /** As `badnessctl explain --json` names it; null: nobody may be killed. */
  readonly victim: DecisionJson["victim"];
}

/** For commands, which are the operator's: the whole decision too. */
export type FullPlea = Plea & { readonly decision: DecisionJson | null };

/** What there is to say now of an OOM and the choice in it. */
export function pleaTo(memcg: string, windowMs: number, { held, fill }: Plight, choice: Choice | null): Plea {
  const { usageBytes, limitBytes } = fill();
  return {
    memcg,
    oomMemcg: held.node.path,
    usageBytes,
    limitBytes: Number.isFinite(limitBytes) ? limitBytes : null,
    windowMs: Math.round(windowMs),
    victim: choice === null ? null : decisionJson([choice], []).victim,
  };
}

/** The same with the decision. */
export function fullPlea(plea: Plea, choice: Choice | null): FullPlea {
  return { ...plea, decision: choice === null ? null : decisionJson([choice], choice.levels) };
}
