/**
 * The path of a system-wide OOM, from the moment it is noticed until it is over:
 *
 *     little is available → hierarchy from / → choice → signal → gone → memory is back
 *         ↑                                   │                           │
 *         ├─ owners, where there are any ─────┘                           │
 *         └────────────── the next in the ranking ────────────────────────┘
 *
 * The kernel's own killer is never held off here, so there is nothing to hand back: it comes when all else was too late.
 */
import { nowMs, sleep } from "../kernel/clock.ts";
import type { StuckProcesses } from "../kill/tried.ts";
import { beginOom, killNext, noteRelief, type Oom } from "../oom/kill-next.ts";
import type { Rooms } from "../oom/rooms.ts";
import type { Plight } from "../relief/types.ts";
import type { Machine } from "./machine.ts";

/** What the dead had may be felt a moment after their end. */
const BACK_MS = 100;
const BACK_POLL_MS = 5;

/** Stays with a machine that is out of memory until enough is available again. `delayMs`: how long others may try. */
export async function attendSystem(
  machine: Machine,
  rooms: Rooms,
  stuck: StuckProcesses,
  delayMs: number,
): Promise<void> {
  const oom = beginOom(machine, rooms, stuck, Number.POSITIVE_INFINITY);
  oom.plight = plightOf(oom, machine, { delayMs, directory: rooms.tree.directoryOf(machine.node) });
  do {
    await killOne(oom, machine, rooms);
  } while (machine.look() !== null);
  noteRelief(oom, rooms);
}

async function killOne(oom: Oom, machine: Machine, rooms: Rooms): Promise<void> {
  const before = oom.victims.length;
  await killNext(oom, rooms);
  if (oom.victims.length === before) return;
  machine.forgetStalls();
  const { usageBytes } = machine.fill();
  const endMs = nowMs() + BACK_MS;
  // If even more is used than at their end, it was not enough.
  while (machine.look() !== null && nowMs() < endMs && machine.fill().usageBytes <= usageBytes) {
    await sleep(BACK_POLL_MS);
  }
}

/** For those who may bring memory back before anybody dies: they have the delay of `/`, unless it runs out before. */
function plightOf(oom: Oom, machine: Machine, held: { readonly delayMs: number; readonly directory: string }): Plight {
  return {
    held: { ...held, node: machine.node },
    noticedMs: oom.noticedMs,
    get deadlineMs() {
      return machine.assess().isNearlyGone ? oom.noticedMs : oom.noticedMs + held.delayMs;
    },
    fill: () => machine.fill(),
    isWaiting: () => machine.look() !== null,
    isSuperseded: () => false,
  };
}
