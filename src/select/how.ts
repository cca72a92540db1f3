import type { ArgumentSpecs, Policy, ValuesOf } from "../../policies/contract.ts";
import type { Memcg } from "../hierarchy/types.ts";

/** How a policy is used: what is configured beside its name, the same for all of them. */
export interface How {
  readonly args: ValuesOf<ArgumentSpecs>;
  /** Go down into the memcg that was taken; without it, all of it dies. */
  readonly recursive: boolean;
  /** Memcgs that stand on the first level, wherever below the OOM memcg they are; null: its children, and its processes. */
  readonly takesPart: ((path: string) => boolean) | null;
  /** What `prerun` said last. */
  sampleOf(memcg: Memcg): unknown;
}

/** The policy by its name alone: every argument at its default. */
export function plainly(policy: Policy): How {
  return {
    args: defaultsOf(policy.arguments ?? {}),
    recursive: isRecursive(policy),
    takesPart: null,
    sampleOf: () => undefined,
  };
}

/** As with oomd, whose policies go down only where they are told to. */
export function isRecursive(policy: Policy): boolean {
  return "evaluateTask" in policy || policy.walk !== "memcgs";
}

function defaultsOf(specs: ArgumentSpecs): ValuesOf<ArgumentSpecs> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));
}
