import type { Policy } from "../../policies/contract.ts";
import { strictPriority } from "../../policies/strict-priority.ts";
import type { Config, PolicyUse } from "../config/types.ts";
import { importUserPolicy, isModulePath } from "./user-module.ts";

/** Every policy that a configuration uses, loaded: what it does not use costs no memory. */
export interface LoadedPolicies {
  readonly policies: ReadonlyMap<PolicyUse, Policy>;
  /** Why one of them could not be loaded: it was there when the configuration was checked. */
  readonly faults: readonly string[];
}

export async function loadPolicies({ settings, memcgs }: Config): Promise<LoadedPolicies> {
  const policies = new Map<PolicyUse, Policy>();
  const faults: string[] = [];
  for (const use of [settings.policy, ...memcgs.flatMap(({ policy }) => policy ?? [])]) {
    const loaded = await loadPolicy(use);
    if ("policy" in loaded) policies.set(use, loaded.policy);
    else faults.push(`policy ${use.name} is passed over: ${loaded.wrong}`);
  }
  return { policies, faults };
}

/** The policy of a use that was checked. Never rejects. */
export async function loadPolicy({ name }: PolicyUse): Promise<{ policy: Policy } | { wrong: string }> {
  if (name === strictPriority.name) return { policy: strictPriority };
  if (isModulePath(name)) return importUserPolicy(name);
  const { policies } = await import("../../policies/index.ts");
  const policy = policies.get(name);
  return policy === undefined ? { wrong: "there is none of this name" } : { policy };
}
