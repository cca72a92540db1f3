/** A policy that somebody else wrote, held to its contract: what it does wrong is told, and costs it its turn. */
import type { EvaluatingPolicy, Policy, RankingPolicy, Verdict } from "../../policies/contract.ts";
import type { Candidate } from "../select/types.ts";

/** All of a decision may take a policy this long. What never returns is the failsafe's. */
const PATIENCE_MS = 250;
const VERDICTS: ReadonlySet<unknown> = new Set<Verdict>(["select", "next", "abort", "no-policy"]);

/** Why the policy is passed over, in words. */
export class PolicyFailed extends Error {}

export interface Guarded {
  readonly policy: Policy;
  /** Starts its clock: a decision begins. */
  begin(): void;
}

/** The same policy, but it throws PolicyFailed where it throws, answers nonsense or takes too long. */
export function guarded(policy: Policy, now: () => number = () => performance.now()): Guarded {
  let startMs = now();
  const held = <T>(call: () => T): T => {
    const result = attempt(call);
    const tookMs = now() - startMs;
    if (tookMs > PATIENCE_MS) throw new PolicyFailed(`it took ${Math.round(tookMs)} ms, more than ${PATIENCE_MS}`);
    return result;
  };
  return {
    policy: "evaluateTask" in policy ? guardEvaluating(policy, held) : guardRanking(policy, held),
    begin() {
      startMs = now();
    },
  };
}

type Held = <T>(call: () => T) => T;

function guardEvaluating(policy: EvaluatingPolicy, held: Held): EvaluatingPolicy {
  return {
    ...policy,
    evaluateTask(task, oom) {
      const verdict: unknown = held(() => policy.evaluateTask(task, oom));
      if (VERDICTS.has(verdict)) return verdict as Verdict;
      throw new PolicyFailed(`evaluateTask answered ${inShort(verdict)}`);
    },
  };
}

function guardRanking(policy: RankingPolicy, held: Held): RankingPolicy {
  return {
    ...policy,
    rankForKilling: (siblings, level) => held(() => siblingsAmong(policy.rankForKilling(siblings, level), siblings)),
    // Once somebody is dead, nothing that is said of it changes who.
    describeKill(target, peers, level) {
      const said: unknown = orNull(() => policy.describeKill(target, peers, level));
      return typeof said === "string" ? said : "it did not say why";
    },
    decidedBy(target, peer, level) {
      const said = orNull(() => policy.decidedBy?.(target, peer, level));
      return typeof said?.by === "string" ? said : { by: "order" };
    },
  };
}

function siblingsAmong(ranked: Iterable<unknown>, siblings: readonly Candidate[]): Candidate[] {
  if (typeof ranked?.[Symbol.iterator] !== "function") throw new PolicyFailed("rankForKilling gave no list");
  const left = new Set<unknown>(siblings);
  const known: Candidate[] = [];
  for (const each of ranked) {
    if (!left.delete(each))
      throw new PolicyFailed(`rankForKilling gave ${inShort(each)}, no sibling or one given before`);
    known.push(each as Candidate);
  }
  return known;
}

function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof PolicyFailed) throw error;
    throw new PolicyFailed(`it threw ${inShort(error)}`, { cause: error });
  }
}

function orNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}

function inShort(value: unknown): string {
  return (value instanceof Error ? value.message : typeof value === "object" ? "an object" : String(value)).slice(
    0,
    100,
  );
}
