/** A command on a terminal of its own, by way of script(1), and what its screen shows. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { until } from "./wait.ts";

/** Why there can be none here, or null. */
export function whyNoPseudoTerminal(): string | null {
  return spawnSync("script", ["--version"]).status === 0 ? null : "script(1) of util-linux is missing";
}

export interface PseudoTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class PseudoTerminal {
  /** Everything that was written so far, with ␛ for the escape character. */
  output = "";
  readonly #script: ChildProcess;
  #code: number | null = null;

  /** `command`: for sh(1). */
  constructor(command: string, { columns = 80, rows = 24, env = {} }: PseudoTerminalOptions = {}) {
    const all = `stty rows ${rows} cols ${columns}; echo "ON $(tty) PID $$ ."; ${command}`;
    const { NO_COLOR: _, ...rest } = process.env;
    this.#script = spawn("script", ["-qec", all, "/dev/null"], { env: { ...rest, TERM: "xterm", ...env } });
    this.#script.stdout?.on("data", (chunk) => {
      this.output += `${chunk}`.replaceAll("\x1b", "␛");
    });
    this.#script.once("exit", (code) => {
      this.#code = code;
    });
  }

  /** What somebody types. */
  type(keys: string): void {
    this.#script.stdin?.write(keys);
  }

  resize(columns: number, rows: number): void {
    spawnSync("stty", ["-F", this.#told("ON"), "rows", `${rows}`, "cols", `${columns}`]);
  }

  /** To whoever has said `PID N` last: the shell, and what it has become. */
  signal(name: NodeJS.Signals): void {
    process.kill(Number(this.#told("PID")), name);
  }

  /** Waits until the screen shows this. */
  async shows(what: RegExp): Promise<void> {
    try {
      await until(`the screen shows ${what}`, () => what.test(this.screen().join("\n")));
    } catch (cause) {
      throw new Error(`${(cause as Error).message}\n${this.screen().join("\n")}\n${this.output.slice(-500)}`, {
        cause,
      });
    }
  }

  /** Waits until this was written, after what was there when `from` was taken. */
  async writes(what: RegExp, from = 0): Promise<void> {
    await until(`${what} in ${JSON.stringify(this.output.slice(from))}`, () => what.test(this.output.slice(from)));
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number | null> {
    await until("it has ended", () => this.#code !== null || this.#script.signalCode !== null);
    return this.#code;
  }

  close(): void {
    this.#script.kill("SIGKILL");
  }

  /** The lines of what was drawn last, as `top` draws: line by line, each in place of what was there. */
  screen(): string[] {
    const lines: string[] = [];
    const drawn = this.output.slice(this.output.lastIndexOf("␛[2J"));
    for (const [, row = "", text = ""] of drawn.matchAll(/␛\[(\d+);1H␛\[2K((?:[^␛]|␛\[[\d;]*m)*)/g)) {
      lines[Number(row) - 1] = text.replaceAll(/␛\[[\d;]*m/g, "").trimEnd();
    }
    return Array.from(lines, (line = "") => line);
  }

  #told(what: "ON" | "PID"): string {
    const told = [...this.output.matchAll(new RegExp(`${what} (\\S+)`, "g"))];
    return told.at(-1)?.[1] ?? "";
  }
}
