/** Going through the path of a kill once, without killing, so that the first OOM does not wait for code to be compiled. */

import { nowMs } from "../kernel/clock.ts";
import { releaseMemory, sigkillAndRelease } from "../kernel/pidfd.ts";
import { readProcStat } from "../kernel/process.ts";
import { awaitDeath } from "../kill/confirm.ts";
import { openAll, strike } from "../kill/kill.ts";
import { StuckProcesses, Tried } from "../kill/tried.ts";
import { fillAtLimit } from "../notify/fill.ts";
import { isModulePath } from "../policy/user-module.ts";
import { decide } from "./decide.ts";
import type { Rooms } from "./rooms.ts";
import { isWaiting } from "./situation.ts";

/** The kernel says EBADF to it. */
const NO_PIDFD = -1;
/** More often than this is no use, and longer than this keeps others waiting. */
const ROUNDS = 20;
const LONGEST_MS = 20;

/**
 * Reads what an OOM of one that is held, or of the machine, would read, and strikes at ourselves as we were before we
 * were born: a sure miss.
 */
export async function warmUp(rooms: Rooms): Promise<void> {
  const [held] = rooms.hold.held.values();
  const stat = readProcStat(process.pid);
  if (stat === null) return;
  const node = held?.node ?? rooms.tree.root;
  const nobody = {
    ...stat,
    memcg: "",
    rssBytes: 0,
    badness: 0,
    oomScoreAdj: 0,
    dying: false,
    excluded: false,
    startTime: -1,
    facts: { swapBytes: null, pageTableBytes: null },
  };
  // What users have written is not run for practice.
  const turns = rooms.policies.turnsOf(node).filter(({ use }) => !isModulePath(use.name));
  const end = nowMs() + LONGEST_MS;
  for (let round = 0; round < ROUNDS && nowMs() < end; round++) {
    decide(node, rooms, new Tried(new StuckProcesses()), turns);
    fillAtLimit(rooms.tree.directoryOf(node));
    if (held !== undefined) isWaiting(held);
    strike([nobody]);
    sigkillAndRelease(NO_PIDFD);
    releaseMemory(NO_PIDFD);
  }
  await awaitDeath(openAll([nobody]), 0);
}
