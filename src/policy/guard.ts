/** A policy that somebody else wrote, held to its contract: what it does wrong is told, and costs it its turn. */
import type { EvaluatingPolicy, Policy, RankingPolicy, Verdict } from "../../policies/contract.ts";
import type { Candidate, Comparison } from "../select/types.ts";

/** All of a decision may take a policy this long, and each of its preruns. What never returns is the failsafe's. */
const PATIENCE_MS = 250;
const VERDICTS: ReadonlySet<unknown> = new Set<Verdict>(["select", "next", "abort", "no-policy"]);

/** Why the policy is passed over, in words. */
export class PolicyFailed extends Error {}

/** It held up the whole handler, and would an OOM. */
export class PolicySlow extends PolicyFailed {}

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
    if (tookMs > PATIENCE_MS) throw new PolicySlow(`it took ${Math.round(tookMs)} ms, more than ${PATIENCE_MS}`);
    return result;
  };
  const heldAlone: Held = (call) => {
    startMs = now();
    return held(call);
  };
  return {
    policy: "evaluateTask" in policy ? guardEvaluating(policy, held) : guardRanking(policy, held, heldAlone),
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

/** `heldAlone` counts the time of this one call: no decision waits for it. */
function guardRanking(policy: RankingPolicy, held: Held, heldAlone: Held): RankingPolicy {
  const { prerun } = policy;
  return {
    ...policy,
    ...(prerun !== undefined && { prerun: (...asked) => heldAlone(() => plainData(prerun.apply(policy, asked))) }),
    rankForKilling: (siblings, level) => held(() => siblingsAmong(policy.rankForKilling(siblings, level), siblings)),
    // Once somebody is dead, nothing that is said of it changes who.
    describeKill(target, peers, level) {
      const said = orNull<unknown>(() => policy.describeKill(target, peers, level));
      return typeof said === "string" ? said : "it did not say why";
    },
    decidedBy(target, peer, level) {
      const said = orNull(() => policy.decidedBy?.(target, peer, level));
      if (typeof said?.by !== "string") return { by: "order" };
      return isComparable(said.values) ? said : { by: said.by };
    },
  };
}

function siblingsAmong(ranked: Iterable<unknown>, siblings: readonly Candidate[]): Candidate[] {
  refusePromise(ranked);
  if (typeof ranked?.[Symbol.iterator] !== "function") throw new PolicyFailed("rankForKilling gave no list");
  if (Array.isArray(ranked)) refusePromise(...ranked);
  const left = new Set<unknown>(siblings);
  const known: Candidate[] = [];
  for (const each of ranked) {
    refusePromise(each);
    if (!left.delete(each))
      throw new PolicyFailed(`rankForKilling gave ${inShort(each)}, no sibling or one given before`);
    known.push(each as Candidate);
  }
  return known;
}

/** What JSON can say: it stands in records and goes to commands. */
function plainData<T>(sample: T): T {
  refusePromise(sample);
  JSON.stringify(sample);
  return sample;
}

/** What it answers. Throws PolicyFailed if it throws, or puts its answer off. */
export function attempt<T>(call: () => T): T {
  try {
    const result = call();
    refusePromise(result);
    return result;
  } catch (error) {
    if (error instanceof PolicyFailed) throw error;
    throw new PolicyFailed(`it threw ${inShort(error)}`, { cause: error });
  }
}

function orNull<T>(call: () => T): T | null {
  try {
    return attempt(call);
  } catch {
    return null;
  }
}

/** Throws if one of these is for later. That they may fail later is taken care of: a rejection would end the handler. */
function refusePromise(...values: readonly unknown[]): void {
  const promises = values.filter(isThenable);
  for (const promise of promises) Promise.resolve(promise).catch(() => {});
  if (promises.length > 0) throw new PolicyFailed("it gave a promise, and policies are synchronous");
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

/** What a report can print beside each other. */
function isComparable(values: Comparison["values"]): boolean {
  return [values?.target, values?.peer].every((value) => typeof value === "number") && typeof values?.unit === "string";
}

function inShort(value: unknown): string {
  if (value instanceof Error) return String(value.message).slice(0, 100);
  return typeof value === "object" ? "an object" : String(value).slice(0, 100);
}
