/** Every policy that can be named, for a process that reads configurations: a launcher or a command, not the handler. */
import type { ArgumentSpecs, FactName, Policy, ValuesOf } from "../../policies/contract.ts";
import { policies } from "../../policies/index.ts";
import { quoted } from "../config/fault.ts";
import type { PolicyUse } from "../config/types.ts";
import { type ArgumentFault, ownArguments, parseArguments } from "./arguments.ts";
import { attempt, type PolicyFailed } from "./guard.ts";
import { isModulePath, requireUserPolicy } from "./user-module.ts";

/** A use whose arguments have their types, with the policy itself, or all that is wrong with it. */
export type CheckedUse =
  | { readonly use: PolicyUse; readonly policy: Policy }
  | { readonly faults: readonly ArgumentFault[] };

/** Says of a fact whether this machine can tell it. */
export type HasFact = (fact: FactName) => boolean;

/** Finds the policy and checks its arguments, and that the kernel knows what it needs. */
export function checkUse({ name, args }: PolicyUse, hasFact: HasFact = () => true): CheckedUse {
  const found = findPolicy(name);
  if ("wrong" in found) return { faults: [{ key: null, isAboutKey: false, message: found.wrong }] };
  const { policy, version } = found;
  const parsed = parseArguments(policy.arguments ?? {}, args);
  if ("faults" in parsed) return parsed;
  const wrong = whyUnmet(policy, ownArguments(policy, parsed.values), hasFact);
  if (wrong !== null) return { faults: [{ key: null, isAboutKey: false, message: `policy ${policy.name} ${wrong}` }] };
  return { use: { name, args: parsed.values, ...(version !== undefined && { version }) }, policy };
}

/** Null, or what is wrong with what it needs; `needs` may be anybody's, and its answer anything. */
function whyUnmet(policy: Policy, args: ValuesOf<ArgumentSpecs>, hasFact: HasFact): string | null {
  const needs = attemptNeeds(policy, args);
  if ("wrong" in needs) return needs.wrong;
  const unknown = needs.facts.find((fact) => typeof fact !== "string" || !Object.hasOwn(FILES, fact));
  if (unknown !== undefined)
    return `needs ${quoted(String(unknown))}, which is no fact, expected ${Object.keys(FILES).join(", ")}`;
  const lacking = needs.facts.filter((fact) => !hasFact(fact));
  if (lacking.length === 0) return null;
  return `needs ${lacking.map((fact) => FILES[fact]).join(" and ")}, which this kernel does not have`;
}

type Needs = { readonly facts: readonly FactName[] } | { readonly wrong: string };

function attemptNeeds(policy: Policy, args: ValuesOf<ArgumentSpecs>): Needs {
  try {
    const facts: unknown = policy.needs === undefined ? [] : attempt(() => policy.needs?.(args));
    if (Array.isArray(facts)) return { facts };
    return { wrong: "cannot say what it needs: expected a list of facts from needs" };
  } catch (error) {
    return { wrong: `cannot say what it needs: ${(error as PolicyFailed).message}` };
  }
}

function findPolicy(name: string): { readonly policy: Policy; readonly version?: string } | { readonly wrong: string } {
  if (!isModulePath(name)) {
    const policy = policies.get(name);
    if (policy !== undefined) return { policy };
    return {
      wrong: `unknown policy ${quoted(name)}, expected one of ${[...policies.keys()].join(", ")}, or an absolute path`,
    };
  }
  const loaded = requireUserPolicy(name);
  if ("wrong" in loaded) return { wrong: `policy ${quoted(name)}: ${loaded.wrong}` };
  if (!policies.has(loaded.policy.name)) return loaded;
  return { wrong: `policy ${quoted(name)}: its name ${loaded.policy.name} is that of another policy` };
}

/** Where each fact stands, for who has to find out why there is none. */
const FILES: Readonly<Record<FactName, string>> = {
  usageBytes: "memory.usage_in_bytes",
  limitBytes: "memory.limit_in_bytes",
  swapBytes: "the swap in memory.stat (boot with swapaccount=1)",
  protectedBytes: "memory.min and memory.low (cgroup v2)",
  memoryPressure: "memory.pressure (cgroup v2)",
  ioPressure: "io.pressure (cgroup v2)",
  pgScans: "pgscan in memory.stat (cgroup v2)",
  io: "io.stat, or the blkio controller",
  pageTableBytes: "VmPTE in /proc/PID/status",
};
