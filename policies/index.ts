/** Every policy there is. A new one is a module beside this file, and a line here. */
import type { Policy } from "./contract.ts";
import { ioCost } from "./io-cost.ts";
import { kernel } from "./kernel.ts";
import { memorySizeOrGrowth } from "./memory-size-or-growth.ts";
import { pgScan } from "./pg-scan.ts";
import { pressure } from "./pressure.ts";
import { strictPriority } from "./strict-priority.ts";
import { swapUsage } from "./swap-usage.ts";

const all: readonly Policy[] = [strictPriority, kernel, memorySizeOrGrowth, swapUsage, pressure, pgScan, ioCost];

/** By the name that a user writes. */
export const policies: ReadonlyMap<string, Policy> = new Map(all.map((policy) => [policy.name, policy]));
