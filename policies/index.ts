/** Every policy there is. A new one is a module beside this file, and a line here. */
import type { Policy } from "./contract.ts";
import { strictPriority } from "./strict-priority.ts";

const all: readonly Policy[] = [strictPriority];

/** By the name that a user writes. */
export const policies: ReadonlyMap<string, Policy> = new Map(all.map((policy) => [policy.name, policy]));
