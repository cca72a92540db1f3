import type { Hold } from "./hold.ts";

/** However often delays change, the failsafe hears of it no oftener. */
const SOON_MS = 30;

/** Has delays that were changed taken over, once for many changes. */
export class DelayTaker {
  readonly #hold: Hold;
  #timer: NodeJS.Timeout | null = null;

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#hold.takeDelays();
    }, SOON_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
