import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { PolicyUse } from "../../src/config/types.ts";
import { bind, type Loaded } from "../../src/policy/loaded.ts";
import { checkUse } from "../../src/policy/table.ts";
import { decideInTurn } from "../../src/policy/turns.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";
import type { TestDaemon } from "./daemon.ts";
import { snapshotOf } from "./snapshot-fixtures.ts";

/** Every decision that is still on file leads to the same victim again; returns how many there were. */
export async function replaysToItself(daemon: TestDaemon): Promise<number> {
  const decisions = (await daemon.event("decision")).slice(-100);
  for (const { snapshot, decision, policy } of decisions) {
    const { victim } = decision as { victim: { pid?: number; pids?: number[] } };
    const record = snapshotOf(readFileSync(snapshot ?? "", "utf8"));
    const decided = decideInTurn(hierarchyOf(record), [decider(record)]);
    if (decided.choice === null) throw new Error(`${snapshot} leads to no victim`);
    const chosen = decided.choice.victim;
    expect(decided.by.policy.name).toBe(policy);
    if (chosen.kind === "process") expect(chosen.task.pid).toBe(victim.pid);
    else expect(chosen.tasks.map(({ pid }) => pid).sort((a, b) => a - b)).toEqual(victim.pids);
  }
  return decisions.length;
}

/** The policy that a record names, with what it had kept of the past. */
export function decider({ decidedBy, memcgs }: Snapshot): Loaded {
  if (decidedBy === undefined) throw new Error("nobody decided");
  const checked = checkUse(decidedBy as PolicyUse);
  if ("faults" in checked) throw new Error(checked.faults.map(({ message }) => message).join("; "));
  const samples = new Map(memcgs.map(({ path, sample }) => [path, sample]));
  return { ...bind(checked.use, checked.policy, ({ path }) => samples.get(path)), dry: false };
}
