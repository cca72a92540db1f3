/** What every command of badnessctl starts from. */

import { defaultRuntimeDir } from "../config/runtime-dir.ts";
import { ask, NoDaemon } from "../control/client.ts";
import { locateController } from "../start/preflight.ts";

export interface CommonOptions {
  readonly runtimeDir?: string;
  readonly cgroupRoot?: string;
  readonly json?: boolean;
}

/** A command that cannot do what it was asked, in one line. */
export class CommandFailed extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

export class Context {
  readonly runtimeDir: string;
  readonly json: boolean;
  /** What was named, or null. */
  readonly cgroupRoot: string | null;

  constructor(options: CommonOptions) {
    this.runtimeDir = options.runtimeDir ?? defaultRuntimeDir();
    this.json = options.json ?? false;
    this.cgroupRoot = options.cgroupRoot ?? null;
  }

  /** Whether to colour what goes to standard output. Looking opens the stream, which only those who write should do. */
  get colour(): boolean {
    return process.stdout.isTTY === true && !process.env["NO_COLOR"];
  }

  /** Throws CommandFailed where there is none. */
  get mountPoint(): string {
    const found = locateController(this.cgroupRoot);
    if (typeof found !== "string") throw new CommandFailed(found.text, found.exitCode);
    return found;
  }

  /** What the daemon answers, or null where there is none, or none that answers in time. */
  async tryAsk<T>(path: string, patienceMs?: number): Promise<T | null> {
    try {
      return (await ask(this.runtimeDir, path, undefined, patienceMs)) as T;
    } catch (error) {
      if (error instanceof NoDaemon) return null;
      throw error;
    }
  }

  print(text: string): void {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }
}

/** `jobs/`, `//jobs` and `/jobs` are one memcg. Throws CommandFailed for `..`. */
export function memcgPath(text: string): string {
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new CommandFailed(`cannot take ${text} for a memcg path: it holds ..`, 2);
  return `/${names.join("/")}`;
}
