/** Commands of the policy files that may bring memory back: they are told of the decision, and have their time. */
import { type StartedCommand, startCommand } from "../hooks/command.ts";
import type { FullPlea } from "./plea.ts";
import type { Result } from "./types.ts";

export class Commands {
  readonly #running = new Set<StartedCommand>();

  /** Runs a line with /bin/sh, with the plea on standard input. Exit code 0: it has done what it could. Never rejects. */
  async run(line: string, plea: FullPlea): Promise<Result> {
    try {
      const started = startCommand(line, `${JSON.stringify(plea)}\n`, plea.windowMs);
      this.#running.add(started);
      const { failure, isTimeout, stderr } = await started.ended;
      this.#running.delete(started);
      if (isTimeout) return { outcome: "timed out" };
      if (failure === null) return { outcome: "done" };
      return { outcome: "failed", detail: stderr === "" ? failure : `${failure}: ${stderr}` };
    } catch (error) {
      return { outcome: "failed", detail: `it could not be started: ${(error as Error).message}` };
    }
  }

  /** Nobody is left who would end them in time. */
  end(): void {
    for (const started of this.#running) started.kill();
  }
}
