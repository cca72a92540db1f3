/**
 * One attempt to end an OOM, whether of a memcg or of the whole machine:
 *
 *     hierarchy → choice → signal → gone
 *
 * From its beginning to the signal nothing is awaited and nothing is written, where nobody is to be turned to before.
 */

import { nowMs, sleep } from "../kernel/clock.ts";
import type { Fill } from "../kernel/memcg.ts";
import { awaitDeath, hasten } from "../kill/confirm.ts";
import { openAll, type Struck, strike } from "../kill/kill.ts";
import { type StuckProcesses, Tried } from "../kill/tried.ts";
import type { Measure, Plight } from "../relief/types.ts";
import type { Steps, Victim } from "../report/events.ts";
import type { ReliefTried } from "../report/relief-event.ts";
import { victimTasks } from "../select/victim-tasks.ts";
import { reportDecision, reportNobodyLeft, reportStrike, victimOf } from "./accounts.ts";
import { type Decision, decide, dyingIn } from "./decide.ts";
import { leaveRecord } from "./kill-record.ts";
import type { Pause } from "./pauses.ts";
import type { Rooms } from "./rooms.ts";
import type { Shortage } from "./shortage.ts";
import { Turns, watchMemory } from "./turns.ts";

/** How long a victim may take to die before the next one is tried. */
export const DEATH_MS = 1_000;
/** So many are waited for at a time; the rest of a group is found to be dying in the next round. */
const KEPT_PIDFDS = 32;
/** While memory comes back, or nobody is left to kill, we look again this often. */
const RELIEF_POLL_MS = 1;
const IDLE_POLL_MS = 250;
const PAUSE_POLL_MS = 10;
/** So long a report waits for the death that it tells of, and then for those who waited for it too. */
const REPORT_MS = 100;
const COURTESY_MS = 2;

/** One OOM while it lasts. */
export interface Oom {
  readonly shortage: Shortage;
  readonly noticedMs: number;
  /** When the kernel's killer gets its turn. */
  deadlineMs: number;
  readonly tried: Tried;
  /** For those who may bring memory back before anybody dies; null where nobody is asked. */
  plight: Plight | null;
  /** What was done instead of the next kill, and did not suffice. */
  readonly relief: ReliefTried[];
  readonly turns: Turns;
  /** The one that was told of last. */
  pause: Pause | null;
  readonly victims: Victim[];
  steps: Omit<Steps, "relievedMs"> | null;
  isNobodyLeft: boolean;
  /** Before anybody was killed; null until there was time to count. */
  kernelKillsBefore: number | null;
}

/** An OOM that is noticed now. */
export function beginOom(shortage: Shortage, rooms: Rooms, stuck: StuckProcesses, delayMs: number): Oom {
  const noticedMs = nowMs();
  stuck.prune();
  return {
    shortage,
    noticedMs,
    deadlineMs: noticedMs + delayMs,
    tried: new Tried(stuck),
    plight: null,
    relief: [],
    turns: new Turns(rooms.policies.turnsOf(shortage.node)),
    pause: null,
    victims: [],
    steps: null,
    isNobodyLeft: false,
    kernelKillsBefore: null,
  };
}

/** One attempt: the best victim there is now, and then what became of it. */
export async function killNext(oom: Oom, rooms: Rooms): Promise<void> {
  const { node } = oom.shortage;
  const pause = rooms.pauses.of(node);
  if (pause !== null && nowMs() < lastMs(oom)) return sitOut(oom, rooms, pause);
  const decision = decide(node, rooms, oom.tried, oom.turns.left);
  const { choice } = decision;
  const dying = dyingIn(decision.hierarchy, oom.tried);
  // The last look: memory may have come back while we read.
  const fill = oom.shortage.look();
  if (fill === null) return sleep(RELIEF_POLL_MS);
  const elsewhere = rooms.inFlight.within(node.path);
  if (elsewhere !== null) return void (await elsewhere);
  if (dying.length > 0) return awaitStruck(oom, rooms, watchDying(oom, openAll(dying.slice(0, KEPT_PIDFDS))));
  const relief = oom.plight && rooms.relief.next(oom.plight, choice);
  if (relief !== null) return seekRelief(oom, rooms, fill, relief);
  if (choice === null) return nobodyLeft(oom, rooms, decision, fill);
  const decidedMs = nowMs() - oom.noticedMs;
  const hasFreed = watchMemory(decision, choice.victim, rooms.tree);
  const result = strike(victimTasks(choice.victim), null, KEPT_PIDFDS);
  const killedMs = nowMs() - oom.noticedMs;
  hasFreed();
  hasten(result.struck);
  const death = watchDying(oom, result.struck);
  const struck = result.struck.map(({ task }) => task);
  rooms.inFlight.add(struck, death.stuck);
  // Whoever waits for the victim's memory, or for its end, has the processor first.
  await Promise.race([death.stuck, sleep(REPORT_MS)]);
  await sleep(COURTESY_MS);
  noteOom(oom, rooms, fill);
  reportDecision(rooms, decision, choice, { news: oom.turns.newsOf(decision), relief: oom.relief.splice(0) });
  reportStrike(rooms, node.path, result, false);
  leaveRecord(rooms, decision, choice.victim, result);
  oom.turns.settle(decision, rooms);
  for (const { task, isElsewhere } of result.missed) oom.tried.addMissed(task, isElsewhere);
  oom.victims.push(...[...struck, ...result.unheld].map(victimOf));
  await awaitStruck(oom, rooms, death);
  oom.steps = { decidedMs, killedMs, goneMs: (await death.overMs) - oom.noticedMs };
  if (struck.length === 0) return;
  if (!hasFreed()) oom.turns.passOverForNothing(decision, choice.victim, rooms);
  rooms.pauses.begin(node, decision.by);
}

/** Until then a pause may last. For a machine there is no kernel's killer to wait for, but nobody waits for ever. */
function lastMs({ plight, deadlineMs }: Oom): number {
  return Math.min(deadlineMs, plight?.deadlineMs ?? deadlineMs);
}

/** Somebody was killed here a while ago, for a policy that wants nobody else to be killed so soon. */
async function sitOut(oom: Oom, rooms: Rooms, pause: Pause): Promise<void> {
  const fill = oom.shortage.look();
  if (fill === null) return sleep(RELIEF_POLL_MS);
  noteOom(oom, rooms, fill);
  if (oom.pause !== pause) rooms.reporter.report({ type: "note", what: pauseText(oom, pause) });
  oom.pause = pause;
  await sleep(Math.max(0, Math.min(PAUSE_POLL_MS, pause.endMs - nowMs())));
}

function pauseText(oom: Oom, { by, endMs }: Pause): string {
  const leftMs = Math.round(Math.min(endMs, lastMs(oom)) - nowMs());
  const why = `postActionDelayMs of policy ${by.policy.name}`;
  return `${oom.shortage.node.path}: nobody else is killed for ${leftMs} ms: ${why}`;
}

/** Somebody may bring memory back; whatever comes of it, everything is looked at afresh afterwards. */
async function seekRelief(oom: Oom, rooms: Rooms, fill: Fill, relief: Measure): Promise<void> {
  noteOom(oom, rooms, fill);
  oom.relief.push(...(await relief()));
}

/** While one is dying no second one is killed; who is not gone in time is not chosen again. */
async function awaitStruck(oom: Oom, rooms: Rooms, { waitMs, stuck }: Dying): Promise<void> {
  const left = await stuck;
  for (const { task } of left) oom.tried.addStuck(task);
  if (left.length === 0) return;
  const victims = left.map(({ task }) => victimOf(task));
  rooms.reporter.report({ type: "stuck", memcg: oom.shortage.node.path, victims, waitedMs: Math.round(waitMs) });
}

/** Those who were struck, while they are waited for. */
interface Dying {
  readonly waitMs: number;
  /** Who is not gone after that. */
  readonly stuck: Promise<readonly Struck[]>;
  /** When that was known. */
  readonly overMs: Promise<number>;
}

function watchDying({ deadlineMs }: Oom, struck: readonly Struck[]): Dying {
  const waitMs = Math.max(0, Math.min(DEATH_MS, deadlineMs - nowMs()));
  const stuck = awaitDeath(struck, waitMs);
  return { waitMs, stuck, overMs: stuck.then(nowMs) };
}

/** Says so once, and then waits for newcomers, relief or the end of the delay. */
async function nobodyLeft(oom: Oom, rooms: Rooms, decision: Decision, fill: Fill): Promise<void> {
  noteOom(oom, rooms, fill);
  oom.turns.settle(decision, rooms);
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
