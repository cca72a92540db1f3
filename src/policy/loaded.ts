/** A policy with everything that was configured for it, ready to decide. */
import type { Policy } from "../../policies/contract.ts";
import { strictPriority } from "../../policies/strict-priority.ts";
import { compileGlob } from "../badness/glob.ts";
import type { PolicyUse } from "../config/types.ts";
import type { Memcg } from "../hierarchy/types.ts";
import { type How, isRecursive, plainly } from "../select/how.ts";
import { COMMON, ownArguments } from "./arguments.ts";
import { guarded } from "./guard.ts";
import { isModulePath } from "./user-module.ts";

export interface Loaded {
  readonly use: PolicyUse;
  readonly policy: Policy;
  readonly how: How;
  readonly dry: boolean;
  readonly debug: boolean;
  readonly postActionDelayMs: number;
  /** A decision begins. */
  begin(): void;
}

/** What stands behind every other policy: nothing can go wrong with it, and it leaves out nobody. */
export const BUILT_IN: Loaded = {
  use: { name: strictPriority.name, args: {} },
  policy: strictPriority,
  how: plainly(strictPriority),
  dry: false,
  debug: false,
  postActionDelayMs: 0,
  begin() {},
};

/** Nobody comes to decide behind the built-in policy, which leaves out nobody: it is not among them. */
export function uptoBuiltIn(turns: readonly Loaded[]): readonly Loaded[] {
  const end = turns.findIndex(({ use }) => use.name === BUILT_IN.use.name && Object.keys(use.args).length === 0);
  return end < 0 ? turns : turns.slice(0, end);
}

/** `use` is checked; `sampleOf` is what somebody keeps of the policy's prerun. */
export function bind(use: PolicyUse, policy: Policy, sampleOf: (memcg: Memcg) => unknown = () => undefined): Loaded {
  const { args } = use;
  const { policy: held, begin } = isModulePath(use.name) ? guarded(policy) : { policy, begin() {} };
  const globs = Array.isArray(args["cgroup"]) ? args["cgroup"].map(compileGlob) : null;
  const how: How = {
    args: ownArguments(policy, args),
    recursive: args["recursive"] === undefined ? isRecursive(policy) : args["recursive"] === true,
    takesPart: globs === null ? null : (path) => globs.some((glob) => glob.matches(path)),
    sampleOf,
  };
  return {
    use,
    policy: held,
    how,
    dry: args["dry"] === true,
    debug: args["debug"] === true,
    postActionDelayMs: Number(args["postActionDelayMs"] ?? COMMON.postActionDelayMs.default),
    begin,
  };
}
