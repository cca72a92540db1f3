/**
 * One attempt to end an OOM, whether of a memcg or of the whole machine:
 *
 *     hierarchy → choice → signal → gone
 *
 * From its beginning to the signal nothing is awaited and nothing is written.
 */

import { nowMs, sleep } from "../kernel/clock.ts";
import type { Fill } from "../kernel/memcg.ts";
import { awaitDeath, hasten } from "../kill/confirm.ts";
import { openAll, type Struck, strike } from "../kill/kill.ts";
import { type StuckProcesses, Tried } from "../kill/tried.ts";
import type { Steps, Victim } from "../report/events.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportNobodyLeft, reportStrike, victimOf } from "./accounts.ts";
import { type Decision, decide, dyingIn } from "./decide.ts";
import type { Rooms } from "./rooms.ts";
import type { Shortage } from "./shortage.ts";

/** How long a victim may take to die before the next one is tried. */
export const DEATH_MS = 1_000;
/** So many are waited for at a time; the rest of a group is found to be dying in the next round. */
const KEPT_PIDFDS = 32;
/** While memory comes back, or nobody is left to kill, we look again this often. */
const RELIEF_POLL_MS = 1;
const IDLE_POLL_MS = 250;

/** One OOM while it lasts. */
export interface Oom {
  readonly shortage: Shortage;
  readonly noticedMs: number;
  /** When the kernel's killer gets its turn. */
  deadlineMs: number;
  readonly tried: Tried;
  readonly victims: Victim[];
  steps: Omit<Steps, "relievedMs"> | null;
  isNobodyLeft: boolean;
  /** Before anybody was killed; null until there was time to count. */
  kernelKillsBefore: number | null;
}

/** An OOM that is noticed now. */
export function beginOom(shortage: Shortage, stuck: StuckProcesses, delayMs: number): Oom {
  const noticedMs = nowMs();
  stuck.prune();
  return {
    shortage,
    noticedMs,
    deadlineMs: noticedMs + delayMs,
    tried: new Tried(stuck),
    victims: [],
    steps: null,
    isNobodyLeft: false,
    kernelKillsBefore: null,
  };
}

/** One attempt: the best victim there is now, and then what became of it. */
export async function killNext(oom: Oom, rooms: Rooms): Promise<void> {
  const { node } = oom.shortage;
  const decision = decide(node, rooms, oom.tried);
  const { choice } = decision;
  const dying = dyingIn(decision.hierarchy, oom.tried);
  // The last look: memory may have come back while we read.
  const fill = oom.shortage.look();
  if (fill === null) return sleep(RELIEF_POLL_MS);
  if (dying.length > 0) return awaitStruck(oom, rooms, openAll(dying.slice(0, KEPT_PIDFDS)));
  if (choice === null) return nobodyLeft(oom, rooms, decision, fill);
  const decidedMs = nowMs() - oom.noticedMs;
  const result = strike(victimTasks(choice.victim), null, KEPT_PIDFDS);
  const killedMs = nowMs() - oom.noticedMs;
  hasten(result.struck);
  noteOom(oom, rooms, fill);
  reportDecision(rooms, decision, choice);
  reportStrike(rooms, node.path, result, false);
  for (const { task, isElsewhere } of result.missed) oom.tried.addMissed(task, isElsewhere);
  oom.victims.push(...[...result.struck.map(({ task }) => task), ...result.unheld].map(victimOf));
  await awaitStruck(oom, rooms, result.struck);
  oom.steps = { decidedMs, killedMs, goneMs: nowMs() - oom.noticedMs };
}

/** While one is dying no second one is killed; who is not gone in time is not chosen again. */
async function awaitStruck(oom: Oom, rooms: Rooms, struck: readonly Struck[]): Promise<void> {
  const waitMs = Math.max(0, Math.min(DEATH_MS, oom.deadlineMs - nowMs()));
  const stuck = await awaitDeath(struck, waitMs);
  for (const { task } of stuck) oom.tried.addStuck(task);
  if (stuck.length === 0) return;
  const victims = stuck.map(({ task }) => victimOf(task));
  rooms.reporter.report({ type: "stuck", memcg: oom.shortage.node.path, victims, waitedMs: Math.round(waitMs) });
}

/** Says so once, and then waits for newcomers, relief or the end of the delay. */
async function nobodyLeft(oom: Oom, rooms: Rooms, decision: Decision, fill: Fill): Promise<void> {
  noteOom(oom, rooms, fill);
  if (!oom.isNobodyLeft) reportNobodyLeft(rooms, decision, oom.shortage, oom.victims.length);
  oom.isNobodyLeft = true;
  await sleep(Math.min(IDLE_POLL_MS, Math.max(RELIEF_POLL_MS, oom.deadlineMs - nowMs())));
}

/** Says that there is an OOM, once it is sure that there is one and the first signal is out. */
export function noteOom(oom: Oom, rooms: Rooms, fill: Fill): void {
  if (oom.kernelKillsBefore !== null) return;
  oom.kernelKillsBefore = oom.shortage.countKernelKills();
  rooms.reporter.report({ type: "oom", memcg: oom.shortage.node.path, ...fill });
}

/** Says that an OOM is over, if it was said that there is one. */
export function noteRelief({ shortage, noticedMs, victims, steps, kernelKillsBefore }: Oom, rooms: Rooms): void {
  if (kernelKillsBefore === null) return;
  const tookMs = nowMs() - noticedMs;
  rooms.reporter.report({
    type: "relieved",
    memcg: shortage.node.path,
    victims,
    steps: steps && { ...steps, relievedMs: tookMs },
    usageBytes: shortage.fill().usageBytes,
    tookMs,
    kernelKilled: shortage.countKernelKills() - kernelKillsBefore,
  });
}
