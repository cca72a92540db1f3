/**
 * Killing what forks faster than it can be struck, where all of it is a v2 cgroup of its own: held still, so that it is
 * the same set when it is killed as when it was looked at, and then killed in one stroke.
 */
import type { Task } from "../hierarchy/types.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { close } from "../kernel/libc.ts";
import { readMemcgPath } from "../kernel/process.ts";
import {
  freezeUnified,
  isFreezeAsked,
  isFrozen,
  killUnified,
  readUnifiedPids,
  unifiedDirectory,
} from "../kernel/unified.ts";
import type { Census } from "./census.ts";
import { openAll, type Struck } from "./kill.ts";

/** A task that waits for the kernel stands still late; it is killed as well. */
const STILL_MS = 100;
const STILL_POLL_MS = 1;

/** Those who were struck; none where they are no cgroup of their own, or it may not be written. */
export async function strikeTogether(subtree: string, look: () => Census): Promise<readonly Struck[]> {
  const directory = homeOf(look(), subtree);
  if (directory === null) return [];
  const wasFrozen = isFreezeAsked(directory);
  if (freezeUnified(directory, true) !== null) return [];
  try {
    await standStill(directory);
    const census = look();
    return isSameSet(readUnifiedPids(directory), census) ? strikeAll(census.killable, directory) : [];
  } finally {
    if (!wasFrozen) freezeUnified(directory, false);
  }
}

/** Whether a cgroup holds everybody who is to die, and nobody who is not. */
export function isSameSet(pids: readonly number[], { killable, dying }: Pick<Census, "killable" | "dying">): boolean {
  const inside = new Set(pids);
  const mayDie = new Set([...killable, ...dying].map(({ pid }) => pid));
  return killable.every(({ pid }) => inside.has(pid)) && pids.every((pid) => mayDie.has(pid));
}

function strikeAll(tasks: readonly Task[], directory: string): readonly Struck[] {
  const struck = openAll(tasks);
  if (killUnified(directory) === null) return struck;
  for (const { pidfd } of struck) close(pidfd);
  return [];
}

/** The v2 cgroup that seems to hold all of them and nobody from outside of the subtree, or null. */
function homeOf({ killable, spared }: Census, subtree: string): string | null {
  if (spared.length > 0) return null;
  const directories = new Set(killable.map(({ pid }) => unifiedDirectory(pid)));
  directories.delete(null);
  const [top, ...below] = [...directories].sort() as string[];
  if (top === undefined || !below.every((directory) => directory.startsWith(`${top}/`))) return null;
  return readUnifiedPids(top).every((pid) => isWithin(readMemcgPath(pid), subtree)) ? top : null;
}

/** Who is gone in between is nobody from outside. */
function isWithin(memcg: string | null, subtree: string): boolean {
  return memcg === null || `${memcg}/`.startsWith(`${subtree}/`);
}

async function standStill(directory: string): Promise<void> {
  for (const end = nowMs() + STILL_MS; !isFrozen(directory) && nowMs() < end; ) await sleep(STILL_POLL_MS);
}
