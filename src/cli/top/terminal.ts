/** The terminal while it is ours: nothing of what we do to it outlasts us, however we end. */
import { emitKeypressEvents } from "node:readline";
import type { Key } from "./keys.ts";
import type { Size } from "./screen.ts";

// See console_codes(4) and xterm's control sequences: the alternate screen, the cursor, lines that do not wrap.
const TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const CLEAR = "\x1b[2J";
const GIVE_BACK = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const DEADLY = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface TerminalUser {
  onKey(key: Key): void;
  /** All is to be drawn again. */
  onBlank(): void;
  /** There is no terminal any more. */
  onGone(): void;
}

/** Why this process cannot draw on a terminal, or null. */
export function whyNoTerminal(): string | null {
  if (process.stdout.isTTY !== true) return "standard output is no terminal";
  if (process.stdin.isTTY !== true) return "standard input is no terminal";
  const name = process.env["TERM"] ?? "";
  return name === "" || name === "dumb" ? `TERM is ${name === "" ? "not set" : name}` : null;
}

export class Terminal {
  readonly #user: TerminalUser;
  #isOurs = false;
  /** What each line shows, as far as we know. */
  #drawn: string[] = [];

  constructor(user: TerminalUser) {
    this.#user = user;
  }

  /** Until `close`. */
  open(): void {
    emitKeypressEvents(process.stdin);
    process.stdin.on("keypress", this.#onKey);
    process.stdin.once("end", () => this.#user.onGone());
    process.stdout.on("resize", this.#onResize);
    process.on("SIGTSTP", this.suspend);
    process.on("SIGCONT", this.redraw);
    for (const signal of DEADLY) process.once(signal, this.#dieBy);
    // Before what went wrong is printed, or it would be lost with our screen.
    process.once("uncaughtExceptionMonitor", this.#giveBack);
    process.once("exit", this.#giveBack);
    this.#take();
  }

  /** Of a terminal that does not tell its size, what it had in 1978. */
  get size(): Size {
    return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
  }

  /** Writes the lines that are others than before. */
  draw(lines: readonly string[]): void {
    if (!this.#isOurs) return;
    // Each line is emptied before it is written: behind a full one the cursor stands on its last character.
    const changed = lines.map((line, row) => (this.#drawn[row] === line ? "" : `\x1b[${row + 1};1H\x1b[2K${line}`));
    process.stdout.write(changed.join(""));
    this.#drawn = [...lines];
  }

  /** Whatever others have written on it is wiped. */
  redraw = (): void => {
    this.#giveBack();
    this.#take();
    this.#user.onBlank();
  };

  /** As Ctrl-Z does where nobody has taken the keys: stops us and all who run in the foreground with us. */
  suspend = (): void => {
    this.#giveBack();
    process.off("SIGTSTP", this.suspend);
    // Returns when somebody continues us; at once where nobody could, for then the kernel does not stop us.
    process.kill(0, "SIGTSTP");
    process.on("SIGTSTP", this.suspend);
    this.redraw();
  };

  close(): void {
    this.#giveBack();
    process.stdin.pause();
  }

  #take(): void {
    // First, for in the background the kernel stops us here, until we are in the foreground.
    process.stdin.setRawMode(true);
    process.stdout.write(TAKE + CLEAR);
    this.#drawn = [];
    this.#isOurs = true;
  }

  #giveBack = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    // For a terminal without an alternate screen: what comes next stands below ours.
    process.stdout.write(`\x1b[${this.size.rows};1H\x1b[K${GIVE_BACK}`);
    process.stdin.setRawMode(false);
  };

  #onKey = (_: string | undefined, key: Key): void => this.#user.onKey(key);

  #onResize = (): void => {
    process.stdout.write(CLEAR);
    this.#drawn = [];
    this.#user.onBlank();
  };

  /** The signal is to be seen by whoever waits for us. */
  #dieBy = (signal: NodeJS.Signals): void => {
    this.#giveBack();
    process.kill(process.pid, signal);
  };
}
