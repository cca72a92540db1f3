/**
 * An eventfd that the kernel signals when a memcg at its limit finds next to nothing to reclaim: what every charge does
 * before it fails, whether somebody waits for it or not. Like any bell it says "look", no more.
 *
 * - A usage threshold would not do: a memcg that is full of page cache stands at its limit all the time, and crosses
 *   nothing when other memory takes the place of the cache.
 * - A loop of writes that fail rings some 80,000 times a second (seen on 6.18), so it is mute from the first ring until
 *   somebody listens again; nothing that happens meanwhile is lost.
 * - All memcgs share it, so that it costs one descriptor. The kernel walks the registrations of an eventfd at every
 *   signal, some 70 µs for 3,000 of them. An OOM makes 3,000 signals at once, but this one, in the memcg alone.
 */
import { createEventfd, drainEventfd } from "../kernel/eventfd.ts";
import { close } from "../kernel/libc.ts";
import { registerCriticalReclaim } from "../kernel/memcg.ts";
import { type Watch, watchReadable } from "../kernel/poll.ts";

export class ReclaimBell {
  readonly #fd = createEventfd();
  readonly #onRing: () => void;
  #watch: Watch | null = null;

  /** Throws KernelError when out of descriptors. */
  constructor(onRing: () => void) {
    this.#onRing = onRing;
  }

  /** Hangs a memcg on it, for as long as there is either: null, or why it cannot be heard, as EACCES. */
  attach(directory: string): string | null {
    return registerCriticalReclaim(directory, this.#fd);
  }

  /** Rings once from now on, at once if there was something since the last ring. */
  listen(): void {
    this.#watch ??= watchReadable(this.#fd, () => {
      this.#mute();
      drainEventfd(this.#fd);
      this.#onRing();
    });
  }

  /** Takes it that nothing has rung so far. */
  forget(): void {
    drainEventfd(this.#fd);
  }

  close(): void {
    this.#mute();
    close(this.#fd);
  }

  #mute(): void {
    this.#watch?.stop();
    this.#watch = null;
  }
}
