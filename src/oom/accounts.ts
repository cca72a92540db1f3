/** Turning what was decided and done into events. */

import type { SilentMode } from "../config/types.ts";
import type { Task } from "../hierarchy/types.ts";
import type { Held } from "../hold/hold.ts";
import type { Strike } from "../kill/kill.ts";
import { decisionJson } from "../report/decision-json.ts";
import { describeTried } from "../report/describe-relief.ts";
import type { Victim } from "../report/events.ts";
import { explain } from "../report/explanation.ts";
import type { ReliefTried } from "../report/relief-event.ts";
import type { Choice } from "../select/types.ts";
import type { Counter } from "../silent/evidence.ts";
import { nearerLimit } from "../silent/look.ts";
import { printSnapshot } from "../snapshot/print.ts";
import { recordOf } from "../snapshot/record.ts";
import type { Decision } from "./decide.ts";
import { holdingsOf } from "./holdings.ts";
import type { Rooms } from "./rooms.ts";
import type { Shortage } from "./shortage.ts";

/** What went before a decision. */
interface Before {
  /** Why others did not decide, in lines. */
  readonly news?: string;
  readonly relief?: readonly ReliefTried[];
}

/** Why this victim, with the losers, what was tried before, and the record to replay it from. */
export function reportDecision(
  { reporter, decisionFiles }: Rooms,
  { hierarchy, by, levels }: Pick<Decision, "hierarchy" | "by" | "levels">,
  choice: Choice,
  { news = "", relief = [] }: Before = {},
): void {
  const explained = { victim: choice.victim, levels, policy: by.policy };
  reporter.report({
    type: "decision",
    memcg: hierarchy.path,
    policy: by.policy.name,
    explanation: news + explain(explained, { colour: false, whole: by.debug }) + describeTried(relief),
    decision: decisionJson([choice], levels),
    snapshot: decisionFiles.keep(printSnapshot(recordOf(hierarchy, by))),
  });
}

/** Who was struck, and who was not. */
export function reportStrike(
  { reporter }: Rooms,
  memcg: string,
  { struck, unheld, missed }: Strike,
  dryRun: boolean,
): void {
  reporter.report({
    type: "kill",
    memcg,
    dryRun,
    victims: [...struck.map(({ task }) => task), ...unheld].map(victimOf),
    missed: missed.map(({ task, why }) => ({ ...victimOf(task), why })),
  });
}

/** Nobody is left who may be killed: `killed` of them died, and memory is still short. */
export function reportNobodyLeft(rooms: Rooms, decision: Decision, shortage: Shortage, killed: number): void {
  const memcg = shortage.node.path;
  const explanation = explain({ victim: null, levels: decision.levels, policy: decision.by.policy }, { colour: false });
  if (killed === 0) rooms.reporter.report({ type: "no-victim", memcg, explanation });
  const holdings = holdingsOf(rooms.tree, shortage.node);
  rooms.reporter.report({ type: "unreclaimable", memcg, killed, holdings, memoryStat: shortage.memoryStat() });
}

/** Charges fail in a memcg, and nobody waits there. */
export function reportSilent({ reporter, tree }: Rooms, held: Held, counter: Counter, mode: SilentMode): void {
  const { usageBytes, limitBytes } = nearerLimit(held.directory);
  const holdings = holdingsOf(tree, held.node);
  reporter.report({ type: "silent-oom", memcg: held.node.path, usageBytes, limitBytes, counter, mode, holdings });
}

/** A process as reports name it. */
export function victimOf({ pid, startTime, comm, memcg, rssBytes }: Task): Victim {
  return { pid, startTime, comm, memcg, rssBytes };
}
