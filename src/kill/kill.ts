/** Killing whom the walk has chosen, and nobody else: by pidfd, after a second look at who that is. */
import type { Task } from "../hierarchy/types.ts";
import { close } from "../kernel/libc.ts";
import { openPidfd, sigkill, sigkillAndRelease } from "../kernel/pidfd.ts";
import { isPrintedPath, readMemcgPath, readProcStat } from "../kernel/process.ts";

/** What process_mrelease frees in some 50 ms. */
export const RELEASED_AT_ONCE_BYTES = 1024 ** 3;
const MOVED = "moved to ";

/** A process that SIGKILL was sent to. The pidfd is the caller's to close. */
export interface Struck {
  readonly task: Task;
  readonly pidfd: number;
  /** Its memory was freed along with the signal, as far as that goes. */
  readonly isReleased: boolean;
}

/** A process that was not killed. `why`: gone, another process, moved to PATH, or the name of an error, as EPERM. */
export interface Missed {
  readonly task: Task;
  readonly why: string;
  /** It is a process of another memcg by now, or only ever had threads where it was listed. */
  readonly isElsewhere: boolean;
}

export interface Strike {
  readonly struck: readonly Struck[];
  /** Struck too, with no pidfd kept. */
  readonly unheld: readonly Task[];
  readonly missed: readonly Missed[];
}

/**
 * Sends SIGKILL to each of `tasks` that is still the one that was chosen, and still where it was; with `subtree`, still
 * anywhere in it. Of a group there may be more than descriptors: no more than `kept` are.
 */
export function strike(tasks: readonly Task[], subtree: string | null = null, kept = Number.POSITIVE_INFINITY): Strike {
  const struck: Struck[] = [];
  const unheld: Task[] = [];
  const missed: Missed[] = [];
  for (const task of tasks) {
    // Behind the last signal there is nobody to keep waiting, and every moment counts: see sigkillAndRelease.
    const isLast = task === tasks.at(-1) && task.rssBytes <= RELEASED_AT_ONCE_BYTES;
    const result = strikeOne(task, subtree, isLast ? sigkillAndRelease : sigkill);
    if (typeof result === "string") missed.push({ task, why: result, isElsewhere: result.startsWith(MOVED) });
    else if (struck.length < kept) struck.push({ task, pidfd: result, isReleased: isLast });
    else {
      close(result);
      unheld.push(task);
    }
  }
  return { struck, unheld, missed };
}

/** The pidfd, or why not. From pidfd_open on the pid cannot come to mean another process. */
function strikeOne(task: Task, subtree: string | null, kill: typeof sigkill): number | string {
  let pidfd: number | null;
  try {
    pidfd = openPidfd(task.pid);
  } catch (error) {
    return (error as Error).message;
  }
  if (pidfd === null) return "gone";
  const why = whyNot(task, subtree) ?? kill(pidfd);
  if (why === null) return pidfd;
  close(pidfd);
  return why === "ESRCH" ? "gone" : why;
}

function whyNot(task: Task, subtree: string | null): string | null {
  const stat = readProcStat(task.pid);
  if (stat === null) return "gone";
  if (stat.startTime !== task.startTime) return "another process";
  const memcg = readMemcgPath(task.pid);
  const isHome = isPrintedPath(memcg, task.memcg) || (subtree !== null && `${memcg}/`.startsWith(`${subtree}/`));
  return isHome ? null : `${MOVED}${memcg}`;
}

/** Pidfds of processes that are dying already, to wait for them; those that are gone are left out. */
export function openAll(tasks: readonly Task[]): Struck[] {
  return tasks.flatMap((task) => {
    const pidfd = openPidfd(task.pid);
    return pidfd === null ? [] : [{ task, pidfd, isReleased: false }];
  });
}
