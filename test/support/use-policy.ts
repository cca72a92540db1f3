import { policyWords } from "../../src/config/policy-words.ts";
import type { Memcg } from "../../src/hierarchy/types.ts";
import { bind, type Loaded } from "../../src/policy/loaded.ts";
import { checkUse } from "../../src/policy/table.ts";
import { explainLoser } from "../../src/report/reasons.ts";
import type { Level } from "../../src/select/types.ts";
import { rank } from "../../src/select/walk.ts";
import { type Details, type Grown, grow, nameOf } from "./grow.ts";

/** A policy by the words of a configuration: `swap-usage recursive=1`. Throws if there is none, or they are wrong. */
export function usePolicy(words: string, sampleOf?: (memcg: Memcg) => unknown): Loaded {
  const parsed = policyWords.parse(words);
  if ("wrong" in parsed) throw new Error(parsed.wrong);
  const checked = checkUse(parsed.value);
  if ("faults" in checked) throw new Error(checked.faults.map(({ message }) => message).join("; "));
  return bind(checked.use, checked.policy, sampleOf);
}

/** Victims in their order; samples by name of the memcg. */
export function victims(words: string, shape: Grown, details: Details = {}, samples: Record<string, unknown> = {}) {
  const { policy, how } = usePolicy(words, ({ path }) => samples[path.slice(1)]);
  return Array.from(rank(grow(shape, details), policy, how), nameOf);
}

/** Why the first was taken on the top level, and why not each of the others. */
export function reasons(words: string, shape: Grown, details: Details = {}, samples: Record<string, unknown> = {}) {
  const { policy, how } = usePolicy(words, ({ path }) => samples[path.slice(1)]);
  const [first] = rank(grow(shape, details), policy, how);
  const level: Level | undefined = first?.levels[0];
  return [level?.why, ...(level?.losers ?? []).map((loser) => explainLoser(loser, level?.chosen ?? null))];
}
