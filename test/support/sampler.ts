/** Watches from outside how long memcgs stay under OOM. */
import { closeSync, openSync, readSync } from "node:fs";

const EVERY_MS = 5;

/** Reads under_oom every 5 ms; what happens between two looks is not seen, so it errs towards longer. */
export class UnderOomSampler {
  /** Of all memcgs, ms. */
  longestMs = 0;
  readonly #memcgs: { fd: number; since: number | null }[];
  readonly #buffer = Buffer.alloc(256);
  readonly #timer: NodeJS.Timeout;

  constructor(...directories: string[]) {
    this.#memcgs = directories.map((directory) => ({
      fd: openSync(`${directory}/memory.oom_control`, "r"),
      since: null,
    }));
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { fd } of this.#memcgs.splice(0)) closeSync(fd);
  }

  #look(): void {
    const now = performance.now();
    for (const memcg of this.#memcgs) {
      memcg.since = this.#isUnderOom(memcg.fd) ? (memcg.since ?? now) : null;
      if (memcg.since !== null) this.longestMs = Math.max(this.longestMs, now - memcg.since);
    }
  }

  #isUnderOom(fd: number): boolean {
    try {
      const length = readSync(fd, this.#buffer, 0, this.#buffer.length, 0);
      return this.#buffer.toString("latin1", 0, length).includes("under_oom 1");
    } catch {
      return false; // Removed.
    }
  }
}
