import type { Task } from "../hierarchy/types.ts";
import type { Candidate, Choice, Level, Victim } from "../select/types.ts";
import { sortLosers } from "./losers.ts";
import { badnessOf, reasonCode } from "./reasons.ts";

/** A victim, as scripts see it. */
export type VictimJson =
  | { readonly kind: "process"; readonly pid: number; readonly memcg: string }
  | { readonly kind: "memcg"; readonly path: string; readonly pids: readonly number[] };

/**
 * One level of the walk to the first victim. `chosen` is what was taken there, null for a group or where nobody may
 * be killed, and `why` says why, in the words of the policy. `losers` stand closest first; `reason` is the comparison that each lost, or why it was no candidate.
 */
interface LevelJson {
  readonly memcg: string;
  readonly group: boolean;
  readonly chosen: CandidateJson | null;
  readonly why: string;
  readonly losers: readonly (CandidateJson & { readonly reason: string })[];
}

/** A candidate; `rssBytes` is null where no comparison needed it, and it was therefore never read. */
type CandidateJson = (
  | { readonly kind: "process"; readonly pid: number; readonly comm: string }
  | { readonly kind: "memcg"; readonly path: string }
) & { readonly badness: number; readonly rssBytes: number | null };

/** The whole decision: `ranked` best victim first, `levels` those that led to `victim`, the OOM memcg's first. */
export interface DecisionJson {
  readonly victim: VictimJson | null;
  readonly ranked: readonly VictimJson[];
  readonly levels: readonly LevelJson[];
}

/** Puts a decision into the form that `explain --json` prints. Reads nothing that the decision did not read. */
export function decisionJson(ranked: readonly Choice[], levels: readonly Level[]): DecisionJson {
  const victims = ranked.map((choice) => victimJson(choice.victim));
  return { victim: victims[0] ?? null, ranked: victims, levels: levels.map(levelJson) };
}

/** A victim in the form of the contract. */
export function victimJson(victim: Victim): VictimJson {
  if (victim.kind === "process") return { kind: "process", pid: victim.task.pid, memcg: victim.task.memcg };
  return { kind: "memcg", path: victim.memcg.path, pids: victim.tasks.map(pidOf).sort((a, b) => a - b) };
}

function levelJson({ memcg, group, chosen, why, losers }: Level): LevelJson {
  return {
    memcg: memcg.path,
    group,
    chosen: chosen === null ? null : candidateJson(chosen),
    why,
    losers: sortLosers(losers).map((loser) => ({ ...candidateJson(loser.candidate), reason: reasonCode(loser) })),
  };
}

function candidateJson(candidate: Candidate): CandidateJson {
  const badness = badnessOf(candidate);
  if (candidate.kind === "process") {
    const { pid, comm, rssBytes } = candidate.task;
    return { kind: "process", pid, comm, badness, rssBytes };
  }
  const { path, knownRssBytes } = candidate.memcg;
  return { kind: "memcg", path, badness, rssBytes: knownRssBytes ?? null };
}

function pidOf(task: Task): number {
  return task.pid;
}
