/**
 * What the kernel has to tell of the whole machine's memory. The root memcg never signals an OOM, but
 *
 * - that its usage crosses a threshold: free memory is being used;
 * - memory.pressure_level: caches are being given up for something else, which leaves the usage as it is;
 * - PSI: somebody stands still for want of memory.
 *
 * All of them say "look", no more. The second rings hundreds of times a second on a machine that copies files, so bells
 * are mute from the first ring until somebody listens again.
 */
import { createEventfd, drainEventfd } from "../kernel/eventfd.ts";
import { close } from "../kernel/libc.ts";
import { readUsageBytes, registerReclaim, registerUsageThreshold } from "../kernel/memcg.ts";
import { type Watch, watchReadable, watchUrgent } from "../kernel/poll.ts";
import { openStallTrigger } from "../kernel/pressure.ts";

/** So little is noticed, and the window is one that takes no privilege. */
const STALL_MS = 10;
export const STALL_WINDOW_MS = 2_000;
/** Of the room that is left, the threshold stands halfway up, and may come to stand somewhere between these. */
const HALFWAY = 1 / 2;
const LOWEST = 1 / 8;
const HIGHEST = 3 / 4;
/** To place it takes the kernel some 10 ms: with less room it would be moved all the time. */
const LEAST_ROOM_BYTES = 8 * 1024 * 1024;

export class SystemBells {
  readonly #directory: string;
  readonly #onRing: () => void;
  readonly #stall: ReturnType<typeof openStallTrigger>;
  /** Of the usage and of reclaim alike. */
  #fd = -1;
  #thresholdBytes = Number.NaN;
  #refused: readonly string[] = [];
  #watches: readonly Watch[] = [];

  /** `directory`: the root memcg's. Nothing rings before somebody listens. */
  constructor(directory: string, onRing: () => void, proc = "/proc") {
    this.#directory = directory;
    this.#onRing = onRing;
    this.#stall = openStallTrigger(STALL_MS, STALL_WINDOW_MS, proc);
  }

  /** What was refused when somebody listened last, as `memory.pressure_level: EACCES`: the machine has to be polled. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Why there is no PSI, or null. */
  get stallRefused(): string | null {
    return "error" in this.#stall ? this.#stall.error : null;
  }

  /** Rings once from now on. `leftBytes`: how much more memory may be used. */
  listen(leftBytes: number): void {
    const roomBytes = Math.max(leftBytes, LEAST_ROOM_BYTES);
    const isHalfway = this.#isHalfway(roomBytes);
    if (this.#watches.length > 0 && isHalfway) return;
    this.#mute();
    try {
      if (!isHalfway) this.#placeHalfway(roomBytes);
      this.#watch();
    } catch (error) {
      // Out of descriptors, as a rule.
      this.#refused = [(error as Error).message];
    }
  }

  #watch(): void {
    const ring = () => {
      this.#mute();
      this.#onRing();
    };
    this.#watches = [
      watchReadable(this.#fd, ring),
      ...("fd" in this.#stall ? [watchUrgent(this.#stall.fd, ring)] : []),
    ];
  }

  /** Whether a bell has rung, mute or not, since somebody asked; PSI is not asked. */
  hasRung(): boolean {
    return this.#fd >= 0 && drainEventfd(this.#fd);
  }

  close(): void {
    this.#mute();
    for (const fd of [this.#fd, "fd" in this.#stall ? this.#stall.fd : -1]) if (fd >= 0) close(fd);
  }

  #isHalfway(roomBytes: number): boolean {
    const aboveBytes = this.#thresholdBytes - readUsageBytes(this.#directory);
    return aboveBytes >= roomBytes * LOWEST && aboveBytes <= roomBytes * HIGHEST;
  }

  /** The kernel forgets a threshold when its eventfd is closed, and not otherwise. */
  #placeHalfway(roomBytes: number): void {
    if (this.#fd >= 0) close(this.#fd);
    this.#fd = -1;
    this.#thresholdBytes = Number.NaN;
    this.#fd = createEventfd();
    this.#thresholdBytes = readUsageBytes(this.#directory) + roomBytes * HALFWAY;
    const errors = {
      "memory.usage_in_bytes": registerUsageThreshold(this.#directory, this.#fd, this.#thresholdBytes),
      "memory.pressure_level": registerReclaim(this.#directory, this.#fd),
    };
    this.#refused = Object.entries(errors).flatMap(([file, error]) => (error === null ? [] : [`${file}: ${error}`]));
  }

  #mute(): void {
    for (const watch of this.#watches) watch.stop();
    this.#watches = [];
  }
}
