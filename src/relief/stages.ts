/** Who is turned to about an OOM, in which order, and how long each of them has. */
import type { ReliefStep } from "../config/types.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import { statDirectory } from "../kernel/read.ts";
import type { Choice } from "../select/types.ts";
import type { Commands } from "./commands.ts";
import type { Listeners } from "./listeners.ts";
import type { Loans } from "./loans.ts";
import type { Measures } from "./measures.ts";
import { fullPlea, pleaTo } from "./plea.ts";
import { reclaim } from "./reclaim.ts";
import type { Attempt, Plight, World } from "./types.ts";

/** What our own steps may take of the delay: a tenth, but enough to start a process. */
const OWN_SHARE = 0.1;
const OWN_LEAST_MS = 100;
/** What a hook may take where nothing else is said. */
const PRE_KILL_MS = 5_000;

export interface Means extends World {
  readonly measures: Measures;
  readonly listeners: Listeners;
  readonly loans: Loans;
  readonly commands: Commands;
}

/** Those of one stage go on side by side, the stages one after the other. */
export function* stagesOf(plight: Plight, choice: Choice | null, means: Means): Generator<Attempt[]> {
  const { node } = plight.held;
  // The machine has no limit to be raised, and what could be reclaimed of it counts as available.
  const steps = node.parent === null ? [] : means.measures.of(node).relief;
  for (const step of steps) yield [ownStep(step, plight, means.loans)];
  const path = [...upwards(placeOf(choice, means.tree) ?? node)];
  yield owners(path, plight, choice, means);
  if (choice !== null) yield hook(path, plight, choice, means);
}

function ownStep(step: ReliefStep, plight: Plight, loans: Loans): Attempt {
  if (step.step === "lend") return loans.lend(plight, step.bytes);
  const shareMs = Math.max(plight.held.delayMs * OWN_SHARE, OWN_LEAST_MS);
  return reclaim(plight, plight.noticedMs + shareMs - nowMs());
}

/** Every listener on the way from the victim up, and the nearest handler of the policy files. */
function owners(path: readonly TreeNode[], plight: Plight, choice: Choice | null, means: Means): Attempt[] {
  const { measures, listeners, tree } = means;
  const listening = path
    .filter((of) => listeners.has(of))
    .map((of): Attempt => {
      const begin = (ms: number) =>
        listeners.ask(of, statDirectory(tree.directoryOf(of))?.uid ?? null, pleaTo(of.path, ms, plight, choice));
      return { by: "listener", of, windowMs: ownersMs(of, plight, means), begin };
    });
  const handling = path.find((of) => measures.of(of).handler !== null);
  const command = handling && measures.of(handling).handler?.command;
  if (handling === undefined || command === undefined) return listening;
  const begin = (ms: number) =>
    means.commands.run(command, fullPlea(pleaTo(handling.path, ms, plight, choice), choice));
  return [...listening, { by: "handler", of: handling, windowMs: ownersMs(handling, plight, means), begin }];
}

/** The nearest hook: one for a kill. */
function hook(path: readonly TreeNode[], plight: Plight, choice: Choice, { measures, commands }: Means): Attempt[] {
  const of = path.find((each) => measures.of(each).preKill !== null);
  const preKill = of && measures.of(of).preKill;
  if (of === undefined || !preKill) return [];
  const { command, timeoutMs = PRE_KILL_MS } = preKill;
  const begin = (ms: number) => commands.run(command, fullPlea(pleaTo(of.path, ms, plight, choice), choice));
  return [{ by: "pre-kill", of, windowMs: timeoutMs, begin }];
}

/**
 * An owner has the delay of their memcg, and no longer than whoever is between them and the OOM memcg: or who has been
 * given a memcg could make the neighbours wait.
 */
function ownersMs(of: TreeNode, { held }: Plight, { delayOf }: Means): number {
  const path = [...upwards(of)];
  const above = path.indexOf(held.node);
  return Math.min(...(above > 0 ? path.slice(0, above) : [of]).map(delayOf));
}

/** Null where nobody is chosen, or the memcg has gone. */
function placeOf(choice: Choice | null, tree: MemcgTree): TreeNode | null {
  if (choice === null) return null;
  const { victim } = choice;
  return tree.find(victim.kind === "process" ? victim.task.memcg : victim.memcg.path);
}

function* upwards(node: TreeNode): Generator<TreeNode> {
  for (let at: TreeNode | null = node; at !== null; at = at.parent) yield at;
}
