/**
 * The path of one OOM, from the moment it is noticed until it is over:
 *
 *     tasks wait → hierarchy → choice → signal → gone → nobody waits
 *         ↑                       │         │
 *         ├─ relief, if anybody ──┘         │
 *         │  may bring memory back          │
 *         └──────── the next in the ranking ┴→ the delay is over: the kernel's killer
 *
 * From the wake-up to the signal nothing is awaited and nothing is written, where nobody is to be turned to before.
 */

import { handBack } from "../hold/hand-back.ts";
import type { Held } from "../hold/hold.ts";
import { countKernelKills } from "../hold/pulse.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { type Fill, readFill } from "../kernel/memcg.ts";
import { awaitDeath, hasten } from "../kill/confirm.ts";
import { openAll, type Struck, strike } from "../kill/kill.ts";
import { type StuckProcesses, Tried } from "../kill/tried.ts";
import { fillAtLimit } from "../notify/fill.ts";
import type { Measure, Plight } from "../relief/types.ts";
import type { Steps, Victim } from "../report/events.ts";
import type { ReliefTried } from "../report/relief-event.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportNobodyLeft, reportStrike, victimOf } from "./accounts.ts";
import { type Decision, decide, dyingIn } from "./decide.ts";
import { leaveRecord } from "./kill-record.ts";
import type { Rooms } from "./rooms.ts";
import { isWaiting } from "./situation.ts";
import { pauseAfter, Turns, watchMemory } from "./turns.ts";

/** How long a victim may take to die before the next one is tried. */
const DEATH_MS = 1_000;
/** So many are waited for at a time; the rest of a group is found to be dying in the next round. */
const KEPT_PIDFDS = 32;
/** While memory comes back, or nobody is left to kill, we look again this often. */
const RELIEF_POLL_MS = 1;
const IDLE_POLL_MS = 250;
/** What a task takes to fail and to wait again once the kernel's killer is held off. */
const AGAIN_MS = 50;

/** One OOM while it lasts. */
interface Oom extends Plight {
  readonly held: Held;
  deadlineMs: number;
  readonly tried: Tried;
  /** What was done instead of the next kill, and did not suffice. */
  readonly relief: ReliefTried[];
  readonly turns: Turns;
  readonly victims: Victim[];
  steps: Omit<Steps, "relievedMs"> | null;
  isNobodyLeft: boolean;
  /** Before anybody was killed; null until there was time to count. */
  kernelKillsBefore: number | null;
}

/** Stays with a memcg that is out of memory until nobody in it waits any more, or `isSuperseded` by an OOM above it. */
export async function attend(
  held: Held,
  rooms: Rooms,
  stuck: StuckProcesses,
  isSuperseded: () => boolean,
): Promise<void> {
  const noticedMs = nowMs();
  stuck.prune();
  const oom: Oom = {
    held,
    noticedMs,
    deadlineMs: noticedMs + held.delayMs,
    isWaiting: () => isWaiting(held) === true,
    isSuperseded,
    tried: new Tried(stuck),
    relief: [],
    turns: new Turns(rooms.policies.turnsOf(held.node)),
    victims: [],
    steps: null,
    isNobodyLeft: false,
    kernelKillsBefore: null,
  };
  do {
    if (nowMs() < oom.deadlineMs) await killNext(oom, rooms);
    else await letKernelKill(oom, rooms);
  } while (oom.isWaiting() && !isSuperseded());
  rooms.clearFailsafe(held);
  if (oom.kernelKillsBefore !== null) reportRelief(oom, rooms);
}

/** One attempt: the best victim there is now, and then what became of it. */
async function killNext(oom: Oom, rooms: Rooms): Promise<void> {
  const decision = decide(oom.held, rooms, oom.tried, oom.turns.left);
  const { choice } = decision;
  const dying = dyingIn(decision.hierarchy, oom.tried);
  // The last look: memory may have come back while we read.
  const fill = fillAtLimit(oom.held.directory);
  if (fill === null || !oom.isWaiting()) return sleep(RELIEF_POLL_MS);
  if (dying.length > 0) return awaitStruck(oom, rooms, openAll(dying.slice(0, KEPT_PIDFDS)));
  const relief = rooms.relief.next(oom, choice);
  if (relief !== null) return seekRelief(oom, rooms, fill, relief);
  if (choice === null) return nobodyLeft(oom, rooms, decision, fill);
  const decidedMs = nowMs() - oom.noticedMs;
  const hasFreed = watchMemory(decision, choice.victim, rooms.tree);
  const result = strike(victimTasks(choice.victim), null, KEPT_PIDFDS);
  const killedMs = nowMs() - oom.noticedMs;
  hasten(result.struck);
  noteOom(oom, rooms, fill);
  reportDecision(rooms, decision, choice, oom.relief.splice(0));
  reportStrike(rooms, oom.held.node.path, result, false);
  leaveRecord(rooms, decision, choice.victim, result);
  oom.turns.settle(decision, rooms);
  for (const { task, isElsewhere } of result.missed) oom.tried.addMissed(task, isElsewhere);
  oom.victims.push(...[...result.struck.map(({ task }) => task), ...result.unheld].map(victimOf));
  await awaitStruck(oom, rooms, result.struck);
  oom.steps = { decidedMs, killedMs, goneMs: nowMs() - oom.noticedMs };
  if (!hasFreed()) oom.turns.passOver(decision.by);
  await pauseAfter(decision, oom.deadlineMs, oom.isWaiting);
}

/** Somebody may bring memory back; whatever comes of it, everything is looked at afresh afterwards. */
async function seekRelief(oom: Oom, rooms: Rooms, fill: Fill, relief: Measure): Promise<void> {
  noteOom(oom, rooms, fill);
  oom.relief.push(...(await relief()));
}

/** While one is dying no second one is killed; who is not gone in time is not chosen again. */
async function awaitStruck(oom: Oom, rooms: Rooms, struck: readonly Struck[]): Promise<void> {
  const waitMs = Math.max(0, Math.min(DEATH_MS, oom.deadlineMs - nowMs()));
  const stuck = await awaitDeath(struck, waitMs);
  for (const { task } of stuck) oom.tried.addStuck(task);
  if (stuck.length === 0) return;
  const victims = stuck.map(({ task }) => victimOf(task));
  rooms.reporter.report({ type: "stuck", memcg: oom.held.node.path, victims, waitedMs: Math.round(waitMs) });
}

/** Says so once, and then waits for newcomers, relief or the end of the delay. */
async function nobodyLeft(oom: Oom, rooms: Rooms, decision: Decision, fill: Fill): Promise<void> {
  noteOom(oom, rooms, fill);
  oom.turns.settle(decision, rooms);
  if (!oom.isNobodyLeft) reportNobodyLeft(rooms, decision, oom.held, oom.victims.length);
  oom.isNobodyLeft = true;
  await sleep(Math.min(IDLE_POLL_MS, Math.max(RELIEF_POLL_MS, oom.deadlineMs - nowMs())));
}

async function letKernelKill(oom: Oom, rooms: Rooms): Promise<void> {
  const { held } = oom;
  noteOom(oom, rooms, readFill(held.directory));
  const { hierarchy, choice } = decide(held, rooms, oom.tried, oom.turns.left);
  const { kernelKilled, isOver } = await handBack(held, rooms.tree, hierarchy, choice);
  rooms.reporter.report({ type: "delay-expired", memcg: held.node.path, delayMs: held.delayMs, kernelKilled });
  // Nobody died: the kernel found nobody either. Those who tried in vain meanwhile will wait again in a moment.
  if (!isOver) await sleep(AGAIN_MS);
  oom.deadlineMs = nowMs() + held.delayMs;
  rooms.clearFailsafe(held);
}

/** Says that there is an OOM, once it is sure that there is one and the first signal is out. */
function noteOom(oom: Oom, rooms: Rooms, fill: Fill): void {
  if (oom.kernelKillsBefore !== null) return;
  oom.kernelKillsBefore = countKernelKills(oom.held, rooms.tree);
  rooms.reporter.report({ type: "oom", memcg: oom.held.node.path, ...fill });
}

function reportRelief(oom: Oom, rooms: Rooms): void {
  const tookMs = nowMs() - oom.noticedMs;
  rooms.reporter.report({
    type: "relieved",
    memcg: oom.held.node.path,
    victims: oom.victims,
    steps: oom.steps && { ...oom.steps, relievedMs: tookMs },
    usageBytes: readFill(oom.held.directory).usageBytes,
    tookMs,
    kernelKilled: countKernelKills(oom.held, rooms.tree) - (oom.kernelKillsBefore ?? 0),
  });
}
