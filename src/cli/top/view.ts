/** `top` on a terminal: looks about once a second, and draws when it has looked or a key was pressed. */
import { nowMs } from "../../kernel/clock.ts";
import { paint } from "../paint.ts";
import { press } from "./commands.ts";
import type { InStep } from "./in-step.ts";
import { commandOf, type Key } from "./keys.ts";
import type { Line } from "./scene.ts";
import { type Frame, frameOf } from "./screen.ts";
import type { Sight } from "./sight.ts";
import { initialState } from "./state.ts";
import { Terminal, type TerminalUser } from "./terminal.ts";

const REFRESH_MS = 1_000;
/** However many memcgs there are, looking takes no more than this part of a processor. */
const PART_OF_TIME = 20;

export interface ViewOptions {
  /** Path of the memcg at the top. */
  readonly top: string;
  readonly inStep: InStep;
  readonly colour: boolean;
}

export class View implements TerminalUser {
  readonly #options: ViewOptions;
  readonly #terminal = new Terminal(this);
  #sight: Sight;
  #frame: Frame;
  #timer: NodeJS.Timeout | null = null;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#sight = options.inStep.sight();
    this.#frame = frameOf(initialState(options.top), this.#sight, this.#terminal.size, Date.now());
  }

  /** Resolves when the user has had enough. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#terminal.open();
    this.#look();
    try {
      await ended;
    } finally {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#terminal.close();
    }
  }

  onKey(key: Key): void {
    const command = commandOf(key);
    if (command === "quit") this.#end();
    else if (command === "suspend") this.#terminal.suspend();
    else if (command === "redraw") this.#terminal.redraw();
    else if (command !== null) {
      this.#frame = { ...this.#frame, state: press(this.#frame.state, command, this.#frame.shown) };
      this.#draw();
    }
  }

  onBlank(): void {
    this.#draw();
  }

  onGone(): void {
    this.#end();
  }

  #look(): void {
    const start = nowMs();
    this.#try(() => {
      this.#sight = this.#options.inStep.sight();
    });
    this.#draw();
    this.#options.inStep.keepSampled(this.#frame.state.top);
    this.#timer = setTimeout(() => this.#look(), Math.max(REFRESH_MS, (nowMs() - start) * PART_OF_TIME));
  }

  #draw(): void {
    this.#try(() => {
      this.#frame = frameOf(this.#frame.state, this.#sight, this.#terminal.size, Date.now());
      this.#terminal.draw(this.#frame.lines.map((line) => this.#paint(line)));
    });
  }

  /** What goes wrong ends the view, and is said once the terminal is back. */
  #try(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Bold, dim and reversed are no colours. */
  #paint({ text, tone, isCursor }: Line): string {
    const painted = paint(text, tone === "red" && !this.#options.colour ? "bold" : tone, true);
    return isCursor === true ? paint(painted, "reverse", true) : painted;
  }
}
