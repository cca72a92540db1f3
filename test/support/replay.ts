import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import type { TestDaemon } from "./daemon.ts";
import { snapshotOf } from "./snapshot-fixtures.ts";

/** Every decision that is still on file leads to the same victim again; returns how many there were. */
export async function replaysToItself(daemon: TestDaemon): Promise<number> {
  const decisions = (await daemon.event("decision")).slice(-100);
  for (const { snapshot, decision } of decisions) {
    const { victim } = decision as { victim: { pid?: number; pids?: number[] } };
    const first = rank(hierarchyOf(snapshotOf(readFileSync(snapshot ?? "", "utf8"))), strictPriority).next();
    if (first.done !== false) throw new Error(`${snapshot} leads to no victim`);
    const chosen = first.value.victim;
    if (chosen.kind === "process") expect(chosen.task.pid).toBe(victim.pid);
    else expect(chosen.tasks.map(({ pid }) => pid).sort((a, b) => a - b)).toEqual(victim.pids);
  }
  return decisions.length;
}
