import type { Policy } from "../src/select/types.ts";
import { strictPriority } from "./strict-priority.ts";

/** Every policy there is, by the name that a user writes. */
export const policies: ReadonlyMap<string, Policy> = new Map([[strictPriority.name, strictPriority]]);
