/** The two executables as their users run them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const pathOf = (name: string) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url));

/** The command line of an executable, for a shell or another program to run. */
export const commandLine = (name: "badnessd" | "badnessctl", args: readonly string[]): string[] => [
  process.execPath,
  pathOf(name),
  ...args,
];

/** Runs a command line to its end; one that hangs is killed, and has no exit code. */
export function run([program = "", ...args]: readonly string[]): Ended {
  const result = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
    maxBuffer: 2 ** 26,
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

export const badnessctl = (...args: string[]): Ended => run(commandLine("badnessctl", args));
export const badnessd = (...args: string[]): Ended => run(commandLine("badnessd", args));
