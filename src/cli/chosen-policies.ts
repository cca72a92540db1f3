/** Which policies a command is about: what is in force, the one that somebody names, or all. */
import { policies } from "../../policies/index.ts";
import { policyWords, printPolicy } from "../config/policy-words.ts";
import type { PolicyUse } from "../config/types.ts";
import type { Memcg } from "../hierarchy/types.ts";
import { bind, type Loaded } from "../policy/loaded.ts";
import { checkUse, type HasFact } from "../policy/table.ts";
import type { Compared } from "./compare.ts";
import { CommandFailed } from "./context.ts";

export interface PolicyOptions {
  /** NAME, and KEY=VALUE for each argument, in one word of the shell. */
  readonly policy?: string;
  /** Names, or true for every policy there is. */
  readonly compare?: true | readonly string[];
}

/** What somebody keeps of a policy's prerun. */
export type SampleOf = (use: PolicyUse) => (memcg: Memcg) => unknown;

/** The policy that these words name. Throws CommandFailed if there is none, or its arguments are wrong. */
export function namedPolicy(words: string, sampleOf: SampleOf, hasFact?: HasFact): Loaded {
  const parsed = policyWords.parse(words);
  if ("wrong" in parsed) throw new CommandFailed(`--policy: ${parsed.wrong}`, 2);
  // Nothing is killed in any case.
  return { ...checkedPolicy(parsed.value, sampleOf, hasFact), dry: false };
}

/** A use as it was configured or recorded. Throws CommandFailed if it cannot be used here. */
export function checkedPolicy(use: PolicyUse, sampleOf: SampleOf, hasFact?: HasFact): Loaded {
  const checked = checkUse(use, hasFact);
  if ("use" in checked) return bind(checked.use, checked.policy, sampleOf(checked.use));
  const faults = checked.faults.map(({ key, message }) => (key === null ? message : `${key}: ${message}`));
  throw new CommandFailed(faults.join("; "), 2);
}

/**
 * The policies to be compared: those of these names, or all, and those that are configured otherwise than by their name
 * alone. One that cannot be used here stands among them with the reason.
 */
export function comparedPolicies(
  { names, configured }: { readonly names: true | readonly string[]; readonly configured: readonly PolicyUse[] },
  sampleOf: SampleOf,
  hasFact?: HasFact,
): Compared[] {
  if (names === true)
    return allPolicies(configured).map((use) => compared(use, () => checkedPolicy(use, sampleOf, hasFact)));
  return names.map((words) => {
    const parsed = policyWords.parse(words);
    const load = () => namedPolicy(words, sampleOf, hasFact);
    // A name that does not exist is misuse; a policy that has nothing to go by is a line of the table.
    return "value" in parsed && policies.has(parsed.value.name) ? compared(parsed.value, load) : tried(load());
  });
}

/** Every policy there is, and those in use that are not among them. */
export function allPolicies(configured: readonly PolicyUse[]): readonly PolicyUse[] {
  const plain = [...policies.keys()].map((name) => ({ name, args: {} }));
  return [...plain, ...configured.filter(({ name, args }) => !policies.has(name) || Object.keys(args).length > 0)];
}

function compared(use: PolicyUse, load: () => Loaded): Compared {
  try {
    return tried(load());
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { name: use.name, words: printPolicy(use), wrong: error.message };
  }
}

function tried(loaded: Loaded): Compared {
  const { name } = loaded.policy;
  return { name, words: printPolicy({ name, args: loaded.use.args }), loaded };
}
