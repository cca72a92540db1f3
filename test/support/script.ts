/** Runs a few lines of JavaScript in a Node of their own, against the built modules. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Specifier of a built module, for an `import` in a script: `kernel/exec`. */
export const built = (module: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../dist/src/${module}.js`, import.meta.url)));

const argumentsOf = (script: string): string[] => ["--input-type=module", "--eval", script];

export interface Ended {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end; one that hangs is killed. */
export function runScript(script: string, options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Ended {
  const all = { encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL", ...options } as const;
  const { pid, status: code, signal, stdout, stderr } = spawnSync(process.execPath, argumentsOf(script), all);
  return { pid, code, signal, stdout, stderr };
}

/** Starts it, and resolves once it has printed something. */
export async function startScript(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, argumentsOf(script), { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the script ended with ${code}`)));
  });
  return child;
}
