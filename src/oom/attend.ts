/**
 * The path of one OOM, from the moment it is noticed until it is over:
 *
 *     tasks wait → hierarchy → choice → signal → gone → nobody waits
 *         ↑                       │         │
 *         ├─ relief, if anybody ──┘         │
 *         │  may bring memory back          │
 *         └──────── the next in the ranking ┴→ the delay is over: the kernel's killer
 *
 * What comes before the signal, and what becomes of it, is kill-next.ts.
 */

import { handBack } from "../hold/hand-back.ts";
import type { Held } from "../hold/hold.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import type { StuckProcesses } from "../kill/tried.ts";
import { decide } from "./decide.ts";
import { beginOom, killNext, noteOom, noteRelief, type Oom } from "./kill-next.ts";
import { memcgPlight } from "./plight.ts";
import type { Rooms } from "./rooms.ts";
import { memcgShortage } from "./shortage.ts";
import { isWaiting } from "./situation.ts";

/** What a task takes to fail and to wait again once the kernel's killer is held off. */
const AGAIN_MS = 50;

/** An OOM of a memcg that we hold. */
export interface MemcgOom {
  readonly held: Held;
  readonly oom: Oom;
  /** Whether a memcg above is out of memory by now. */
  isSuperseded(): boolean;
}

/** An OOM that is noticed now. */
export function beginMemcgOom(held: Held, rooms: Rooms, stuck: StuckProcesses, isSuperseded: () => boolean): MemcgOom {
  const oom = beginOom(memcgShortage(held, rooms.tree), rooms, stuck, held.delayMs);
  oom.plight = memcgPlight(oom, held, { isWaiting: () => isWaiting(held) === true, isSuperseded });
  return { held, oom, isSuperseded };
}

/** Stays with it until nobody in the memcg waits any more: true. False: an OOM above it comes first. */
export async function attend(memcgOom: MemcgOom, rooms: Rooms): Promise<boolean> {
  const { held, oom, isSuperseded } = memcgOom;
  do {
    if (nowMs() < oom.deadlineMs && !rooms.livelock.isLeftToKernel(held.node.path)) await killNext(oom, rooms);
    else await letKernelKill(held, oom, rooms);
    if (isWaiting(held) !== true) {
      endMemcgOom(memcgOom, rooms);
      return true;
    }
  } while (!isSuperseded());
  return false;
}

/** Nobody waits any more. */
export function endMemcgOom({ held, oom }: MemcgOom, rooms: Rooms): void {
  rooms.clearFailsafe(held);
  noteRelief(oom, rooms);
}

async function letKernelKill(held: Held, oom: Oom, rooms: Rooms): Promise<void> {
  noteOom(oom, rooms, oom.shortage.fill());
  const isLate = nowMs() >= oom.deadlineMs;
  const { hierarchy, choice } = decide(held.node, rooms, oom.tried, oom.turns.left);
  // Before the delay is over we are here because our own choice brings nothing.
  const { kernelKilled, isOver } = await handBack(held, rooms.tree, hierarchy, isLate ? choice : null);
  const { path } = held.node;
  if (isLate) rooms.reporter.report({ type: "delay-expired", memcg: path, delayMs: held.delayMs, kernelKilled });
  // Nobody died: the kernel found nobody either. Those who tried in vain meanwhile will wait again in a moment.
  if (!isOver) await sleep(AGAIN_MS);
  oom.deadlineMs = nowMs() + held.delayMs;
  rooms.clearFailsafe(held);
}
