/**
 * An OOM in which charges fail and nobody waits, where the operator wants it to be handled. Each kill takes proof of its
 * own: that charges go on failing after the one before. Nobody hangs, so nothing is handed back to the kernel's killer,
 * and the end of the delay is the end of it. Whoever may bring memory back is turned to before, as in any OOM.
 */
import type { Held } from "../hold/hold.ts";
import { nowMs } from "../kernel/clock.ts";
import type { StuckProcesses } from "../kill/tried.ts";
import { fillAtLimit } from "../notify/fill.ts";
import { beginOom, killNext, noteRelief, type Oom } from "./kill-next.ts";
import { memcgPlight } from "./plight.ts";
import type { Rooms } from "./rooms.ts";
import { memcgShortage } from "./shortage.ts";
import { isWaiting } from "./situation.ts";

export interface Means {
  /** Kills, unless somebody is attended to who waits; false: somebody is. */
  attempt(kill: () => Promise<void>): Promise<boolean>;
  /** Whether charges fail still. */
  failsOn(): Promise<boolean>;
}

function giveUpText({ victims }: Oom, { node, delayMs }: Held): string {
  return `charges fail still in ${node.path} after ${victims.length} kills in its delay of ${delayMs} ms; no more die for it`;
}

/** True if there is room again, or somebody else has to see to it. */
export async function attendSilent(
  held: Held,
  rooms: Rooms,
  stuck: StuckProcesses,
  { attempt, failsOn }: Means,
): Promise<boolean> {
  const shortage = { ...memcgShortage(held, rooms.tree), look: () => fillAtLimit(held.directory) };
  const oom = beginOom(shortage, rooms, stuck, held.delayMs);
  // Nobody waits here: memory is short while there is no room.
  const isShort = () => shortage.look() !== null;
  oom.plight = memcgPlight(oom, held, { isWaiting: isShort, isSuperseded: () => isAnybodyWaiting(held, rooms) });
  let isFailing = true;
  while (isFailing && !oom.isNobodyLeft && nowMs() < oom.deadlineMs) {
    const tried = oom.relief.length;
    if (!(await attempt(() => killNext(oom, rooms)))) return true;
    // What was tried instead of a kill, and made no room, leaves the proof of before standing.
    const isStillFull = oom.relief.length > tried && isShort();
    isFailing = isStillFull || (await failsOn());
  }
  noteRelief(oom, rooms);
  if (isFailing && !oom.isNobodyLeft) rooms.reporter.report({ type: "note", what: giveUpText(oom, held) });
  return !isFailing;
}

/** In this memcg, which shows an OOM above it too, or in one below: whoever hangs comes first. */
function isAnybodyWaiting({ node }: Held, { tree, hold }: Rooms): boolean {
  for (const { ino } of tree.walk(node)) {
    const held = hold.held.get(ino);
    if (held !== undefined && isWaiting(held) === true) return true;
  }
  return false;
}
