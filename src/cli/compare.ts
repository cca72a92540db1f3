/** `badnessctl explain --compare`: what several policies would choose, side by side. */
import type { Memcg } from "../hierarchy/types.ts";
import type { Loaded } from "../policy/loaded.ts";
import { ask, type Outcome } from "../policy/turns.ts";
import { decisionJson } from "../report/decision-json.ts";
import { printable, printablePath } from "../report/printable.ts";
import { printSize } from "../report/sizes.ts";
import type { Victim } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { columns } from "./columns.ts";

/** A policy, or why it cannot be tried here. `words`: with the arguments that tell it from another of its name. */
export type Compared = { readonly name: string; readonly words: string } & (
  | { readonly loaded: Loaded }
  | { readonly wrong: string }
);

/** The text, ending in a newline: one JSON object a policy and line, with the file if it is over one, or a table. */
export function compareText(root: Memcg, compared: readonly Compared[], json: boolean, file?: string): string {
  const rows = compared.map((each) => ({ ...each, outcome: outcomeOf(root, each) }));
  if (json)
    return rows
      .map(({ name, words, outcome }) => `${JSON.stringify({ policy: name, words, ...asJson(outcome), file })}\n`)
      .join("");
  return columns([
    ["policy", "victim", "why"],
    ...rows.map(({ words, outcome }) => [printable(words), ...inWords(outcome)]),
  ]);
}

function outcomeOf(root: Memcg, compared: Compared): Outcome {
  return "wrong" in compared ? { kind: "failed", why: compared.wrong } : ask(root, compared.loaded);
}

function asJson(outcome: Outcome): object {
  if (outcome.kind === "failed") return { victim: null, ranked: [], levels: [], failed: outcome.why };
  if (outcome.kind === "nobody") return decisionJson([], [outcome.level]);
  return decisionJson([outcome.choice], outcome.choice.levels);
}

function inWords(outcome: Outcome): [string, string] {
  if (outcome.kind === "failed") return ["–", printable(outcome.why)];
  if (outcome.kind === "nobody") return ["nobody", "knows nobody to kill"];
  const { victim, levels } = outcome.choice;
  // Where there was nothing to choose from, there is no reason either.
  const decisive = levels.find(({ losers }) => losers.some(({ reason }) => reason === "lost")) ?? levels.at(0);
  return [describe(victim), printable(decisive?.why ?? "")];
}

function describe(victim: Victim): string {
  const bytes = victimTasks(victim).reduce((sum, task) => sum + task.rssBytes, 0);
  if (victim.kind === "memcg")
    return `all of ${printablePath(victim.memcg.path)}: ${victim.tasks.length}, ${printSize(bytes)}`;
  const { pid, comm, memcg } = victim.task;
  return `process ${pid}${comm === "" ? "" : ` ${printable(comm)}`} of ${printablePath(memcg)}, ${printSize(bytes)}`;
}
