/** The handler's side of compile.ts. Loads nothing but what Node has built in, because it stays in memory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Arguments, Compiled, Config } from "./types.ts";

const COMPILER = new URL("./compile.js", import.meta.url);
const TIMEOUT_MS = 10_000;
// A million faults are no more help than a thousand, and their text would stay in the handler's memory.
const MAX_STDERR_CHARACTERS = 65_536;
const FAILED = 1;

/** Has a child read the command line and the files it names; only help and version are printed here. */
export async function compileConfig(
  argv: readonly string[],
  signal?: AbortSignal,
  compiler = COMPILER,
): Promise<Compiled> {
  try {
    return await runCompiler([fileURLToPath(compiler), ...argv], signal);
  } catch (error) {
    signal?.throwIfAborted();
    // At a reload, want of memory or of processes must not end the handler: they are why it is there.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "exit", code: FAILED, faults: [`cannot read the configuration: ${reason}`] };
  }
}

async function runCompiler(argv: readonly string[], signal: AbortSignal | undefined): Promise<Compiled> {
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "inherit", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    ...(signal && { signal }),
  });
  const [, result, errors] = await Promise.all([
    once(child, "close"),
    textOf(child.stdio[3] as Readable, Number.POSITIVE_INFINITY),
    textOf(child.stderr as Readable, MAX_STDERR_CHARACTERS),
  ]);
  const faults = errors.split("\n").filter((line) => line !== "");
  if (child.exitCode === 0 && result !== "") return { kind: "ready", ...parse(result) };
  if (child.exitCode !== null) return { kind: "exit", code: child.exitCode, faults };
  const ended = `cannot read the configuration: its reader was ended by ${child.signalCode}`;
  return { kind: "exit", code: FAILED, faults: [...faults, ended] };
}

async function textOf(stream: Readable, limit: number): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    if (text.length <= limit) text += chunk;
  }
  return text.length > limit ? `${text.slice(0, text.lastIndexOf("\n", limit) + 1)}and more` : text;
}

// Our own child's words, of this same version: taken as they are.
function parse(line: string): { arguments: Arguments; config: Config } {
  return JSON.parse(line) as { arguments: Arguments; config: Config };
}
