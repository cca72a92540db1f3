/** The command of `badnessctl listen`: run once for each OOM, one after the other, each no longer than it is waited for. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { killGroup } from "../hooks/process-group.ts";
import { nowMs } from "../kernel/clock.ts";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class OneAtATime {
  readonly #program: string;
  readonly #args: readonly string[];
  #turn: Promise<unknown> = Promise.resolve();
  #running: ChildProcess | null = null;
  #hasEnded = false;

  /** Whatever ends us ends what we run. */
  constructor([program = "", ...args]: readonly string[]) {
    this.#program = program;
    this.#args = args;
    for (const name of ENDING) {
      process.once(name, () => {
        this.end();
        process.kill(process.pid, name);
      });
    }
  }

  /** Resolves to whether it ended well, or to null if its time was over before. Never rejects. */
  run(line: string, windowMs: number): Promise<boolean | null> {
    const endMs = nowMs() + windowMs;
    const result = this.#turn.then(() => this.#runNow(line, endMs - nowMs()));
    this.#turn = result;
    return result;
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#running !== null) killGroup(this.#running);
  }

  async #runNow(line: string, leftMs: number): Promise<boolean | null> {
    if (this.#hasEnded || leftMs <= 0) return null;
    // A group of its own, so that whatever it starts ends with it.
    const child = spawn(this.#program, this.#args, { stdio: ["pipe", "inherit", "inherit"], detached: true });
    this.#running = child;
    child.stdin.on("error", () => {
      // It reads nothing.
    });
    child.stdin.end(`${line}\n`);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child);
    }, leftMs);
    const hasSucceeded = await this.#endOf(child);
    clearTimeout(timer);
    this.#running = null;
    return isLate ? null : hasSucceeded;
  }

  async #endOf(child: ChildProcess): Promise<boolean> {
    try {
      const [code] = await once(child, "exit");
      killGroup(child);
      return code === 0;
    } catch (error) {
      console.error(`badnessctl: cannot run ${this.#program}: ${(error as Error).message}`);
      return false;
    }
  }
}
