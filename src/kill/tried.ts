/** Who is not to be chosen, for now or for good: the choice would come back to them for ever. */
import type { Task } from "../hierarchy/types.ts";
import { readProcStat } from "../kernel/process.ts";

/** Processes that got SIGKILL and are still there after their time: a tracer, a freezer or a device holds them. */
export class StuckProcesses {
  readonly #tasks = new Map<string, Task>();

  add(task: Task): void {
    this.#tasks.set(keyOf(task.pid, task.startTime), task);
  }

  has(pid: number, startTime: number): boolean {
    return this.#tasks.has(keyOf(pid, startTime));
  }

  /** Forgets those that are gone at last; costs nothing where nobody is stuck. */
  prune(): void {
    for (const [key, { pid, startTime }] of this.#tasks) {
      if (readProcStat(pid)?.startTime !== startTime) this.#tasks.delete(key);
    }
  }
}

/** Processes that could not be killed, for as long as one OOM lasts, and those that are stuck for longer. */
export class Tried {
  readonly #missed = new Set<string>();
  readonly #stuck: StuckProcesses;

  constructor(stuck: StuckProcesses) {
    this.#stuck = stuck;
  }

  /** It was not there, or may not be killed. One that was elsewhere only is no candidate where it was listed. */
  addMissed({ pid, startTime, memcg }: Task, isElsewhere: boolean): void {
    this.#missed.add(isElsewhere ? `${keyOf(pid, startTime)} ${memcg}` : keyOf(pid, startTime));
  }

  addStuck(task: Task): void {
    this.#stuck.add(task);
  }

  has(pid: number, startTime: number, memcg: string): boolean {
    const key = keyOf(pid, startTime);
    return this.#missed.has(key) || this.#missed.has(`${key} ${memcg}`) || this.#stuck.has(pid, startTime);
  }
}

/** Pids are used again: with the time of its start a pid means one process. */
function keyOf(pid: number, startTime: number): string {
  return `${pid}:${startTime}`;
}
