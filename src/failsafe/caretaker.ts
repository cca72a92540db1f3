/** Sees to it that there is a failsafe wherever anything is held, and that nothing is held where there is none. */
import type { Hold } from "../hold/hold.ts";
import type { Guardian } from "./guardian.ts";

/** Another one is tried this often. */
const RETRY_TICKS = 5;

export interface CaretakerOptions {
  readonly guardian: Guardian;
  readonly hold: Hold;
  /** Arms what is to be armed, once there is a failsafe again. */
  arm(): Promise<void>;
  onFault(what: string): void;
}

export class Caretaker {
  readonly #options: CaretakerOptions;
  #isWithout = false;
  #ticksWithout = 0;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  /** Once a second. */
  tick(): void {
    this.#options.guardian.check();
    if (this.#isWithout && ++this.#ticksWithout % RETRY_TICKS === 0) void this.#tryAgain();
  }

  /** Another failsafe in the place of one that is lost; without one, everything goes back to the kernel's killer. */
  async replace(why: string): Promise<void> {
    const { guardian, hold, onFault } = this.#options;
    onFault(`the failsafe is lost: ${why}`);
    try {
      this.#isWithout = false;
      await guardian.start();
      const held = [...hold.held.values()];
      const watched = await guardian.watch(held);
      for (const one of held) if (!watched.has(one.node.ino)) hold.disarm(one);
    } catch (error) {
      onFault(`no failsafe, so everything is given back to the kernel: ${(error as Error).message}`);
      for (const held of [...hold.held.values()]) hold.disarm(held);
      this.#isWithout = true;
    }
  }

  /** There was no process or no memory for a failsafe; by now there may be. */
  async #tryAgain(): Promise<void> {
    await this.replace("there was none");
    if (!this.#isWithout) await this.#options.arm();
  }
}
