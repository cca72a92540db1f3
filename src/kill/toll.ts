/** Who was struck, and who of them is dead by now: each process once, however often it was struck. */
import type { Task } from "../hierarchy/types.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { endedBySignal } from "../kernel/death.ts";
import { close } from "../kernel/libc.ts";
import { hurry } from "../kernel/pidfd.ts";
import { type Watch, watchReadable } from "../kernel/poll.ts";
import type { Struck } from "./kill.ts";

interface Awaited extends Struck {
  readonly watch: Watch;
}

const SETTLE_POLL_MS = 1;

export class Toll {
  readonly #awaited = new Map<string, Awaited>();
  readonly #killed = new Map<string, Task>();

  /** Those whose death was seen, and was no exit of their own that came first. */
  get killed(): readonly Task[] {
    return [...this.#killed.values()];
  }

  /** Deaths so far that we waited for. */
  get size(): number {
    return this.#killed.size;
  }

  /** Waits for these, on the event loop. Their pidfds are closed here. */
  add(struck: readonly Struck[]): void {
    for (const one of struck) this.#addOne(one);
  }

  /** Gives those who are off the list of their memcg the moment until they are gone. `listed`: who is on it still. */
  async settle(listed: readonly Task[], timeoutMs: number): Promise<void> {
    const left = new Set(listed.map(keyOf));
    const isSettled = () => [...this.#awaited.keys()].every((key) => left.has(key));
    for (const end = nowMs() + timeoutMs; !isSettled() && nowMs() < end; ) await sleep(SETTLE_POLL_MS);
  }

  close(): void {
    for (const key of [...this.#awaited.keys()]) this.#finish(key);
  }

  #addOne(one: Struck): void {
    const { task, pidfd } = one;
    const key = keyOf(task);
    if (this.#awaited.has(key) || this.#killed.has(key)) {
      close(pidfd);
      return;
    }
    const watch = watchReadable(pidfd, () => {
      const signal = endedBySignal(pidfd, task.pid, task.startTime);
      if (signal !== 0) this.#killed.set(key, task);
      this.#finish(key);
    });
    this.#awaited.set(key, { ...one, watch });
    // Among a hundred that want the processor, the dying go first.
    hurry(task.pid);
  }

  #finish(key: string): void {
    const awaited = this.#awaited.get(key);
    this.#awaited.delete(key);
    awaited?.watch.stop();
    if (awaited !== undefined) close(awaited.pidfd);
  }
}

/** What a process is told apart by, for as long as the machine runs. */
export function keyOf({ pid, startTime }: Task): string {
  return `${pid}:${startTime}`;
}
