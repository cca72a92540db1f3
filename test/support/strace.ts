/** strace on a running badnessd: to see what it asks of the kernel, or to hold it up at one system call. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { until } from "./wait.ts";

/** Why there is no strace here, or null. */
export function whyNoStrace(): string | null {
  const { error } = spawnSync("strace", ["-V"], { stdio: "ignore" });
  if (error !== undefined) return "strace is not installed";
  const sleeper = spawn("sleep", ["10"]);
  const { stderr } = spawnSync("timeout", ["0.5", "strace", "-p", `${sleeper.pid}`], { encoding: "utf8" });
  sleeper.kill("SIGKILL");
  return stderr.includes("attached") ? null : "strace may not attach here";
}

export class Strace {
  readonly #file: string;
  readonly #child: ChildProcess;
  #stderr = "";

  private constructor(pid: number, file: string, options: readonly string[]) {
    this.#file = file;
    this.#child = spawn("strace", [...options, "-p", `${pid}`, "-o", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr?.on("data", (chunk) => {
      this.#stderr += chunk;
    });
  }

  /** Resolves once it is attached. */
  static async attach(pid: number | undefined, file: string, ...options: string[]): Promise<Strace> {
    const strace = new Strace(pid ?? -1, file, options);
    await until("strace is attached", () => strace.#stderr.includes("attached"));
    return strace;
  }

  /** Lets go, and resolves to the lines that were written. */
  async detach(): Promise<string[]> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGINT");
    if (this.#child.exitCode === null) await ended;
    return readFileSync(this.#file, "utf8").split("\n");
  }
}
