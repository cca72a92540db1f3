/** What policies make of a hierarchy, one after the other, for commands: the whole ranking, and not only the first. */
import type { Memcg } from "../hierarchy/types.ts";
import { PolicyFailed } from "../policy/guard.ts";
import { BUILT_IN, type Loaded } from "../policy/loaded.ts";
import { type Decided, decideInTurn } from "../policy/turns.ts";
import { decisionJson } from "../report/decision-json.ts";
import { explain } from "../report/explanation.ts";
import { describeUndecided } from "../report/undecided.ts";
import type { Choice } from "../select/types.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { rank } from "../select/walk.ts";

/** How a decision is printed. */
interface Style {
  readonly json: boolean;
  readonly colour: boolean;
  /** The snapshot that was decided over, for JSON. */
  readonly file?: string;
}

/** The text of one decision, ending in a newline: JSON of one line, or a screen. */
export function decisionText(root: Memcg, turns: readonly Loaded[], how: Style): string {
  const decided = decideInTurn(root, turns);
  if (how.json) return `${JSON.stringify({ ...asJson(root, turns, decided), file: how.file })}\n`;
  const { by, choice, levels } = decided;
  const screen = explain({ victim: choice?.victim ?? null, levels, policy: by.policy }, { ...how, whole: by.debug });
  return describeUndecided(decided) + screen;
}

function asJson(root: Memcg, turns: readonly Loaded[], { by, choice, levels }: Decided): object {
  const left = turns.slice(Math.max(0, turns.indexOf(by)));
  const ranked = choice === null ? [] : [...rankedInTurn(root, by === BUILT_IN ? [] : left)];
  return { ...decisionJson(ranked, levels), policy: by.policy.name };
}

/** Everybody whom somebody ranks, once. */
function* rankedInTurn(root: Memcg, turns: readonly Loaded[]): Generator<Choice> {
  const seen = new Set<number>();
  for (const loaded of [...turns.filter(({ dry }) => !dry), BUILT_IN]) {
    for (const choice of rankedBy(root, loaded)) {
      const pids = victimTasks(choice.victim).map(({ pid }) => pid);
      if (pids.some((pid) => !seen.has(pid))) yield choice;
      for (const pid of pids) seen.add(pid);
    }
  }
}

/** A policy that fails half way has ranked so many. */
function* rankedBy(root: Memcg, { policy, how, begin }: Loaded): Generator<Choice> {
  begin();
  try {
    yield* rank(root, policy, how);
  } catch (error) {
    if (!(error instanceof PolicyFailed)) throw error;
  }
}
