/** `badnessctl listen`: the owner of a memcg is told before anybody of theirs is killed, and may free memory instead. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ask, askLines, DaemonRefuses } from "../control/client.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";

/** An answer that comes later helps nobody. */
const PATIENCE_MS = 1_000;

/**
 * Prints a line for every OOM in which the choice falls into the memcg. With a command, runs it for each of them, with the
 * line on standard input, and answers by its exit code; without one, `done` or `pass` on standard input answers the last.
 */
export async function listen(context: Context, memcg: string, words: readonly string[]): Promise<void> {
  const path = memcgPath(memcg);
  // Behind a first argument, commander leaves it to us.
  const command = words[0] === "--" ? words.slice(1) : words;
  let last = 0;
  if (command.length === 0) answerFromInput(context, () => last);
  try {
    for await (const line of askLines(context.runtimeDir, `/listen?memcg=${encodeURIComponent(path.toWellFormed())}`)) {
      context.print(line);
      const told = JSON.parse(line) as { readonly type: string; readonly ask: number };
      if (told.type !== "oom") continue;
      last = told.ask;
      if (command.length > 0) void run(command, line).then((answer) => send(context, told.ask, answer));
    }
  } catch (error) {
    if (error instanceof DaemonRefuses) throw new CommandFailed(error.message, error.status === 403 ? 77 : 1);
    // The daemon has ended.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  } finally {
    // It would keep us here.
    process.stdin.destroy();
  }
  throw new CommandFailed(`${path} is gone, or badnessd has ended`);
}

function answerFromInput(context: Context, lastAsk: () => number): void {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const answer = line.trim();
    if (answer === "done" || answer === "pass") void send(context, lastAsk(), answer);
    else console.error(`badnessctl: expected done or pass, got ${JSON.stringify(answer)}`);
  });
}

/** Who asks no longer, or is no longer there, needs no answer: that is said, and we go on listening. */
async function send(context: Context, number: number, answer: "done" | "pass"): Promise<void> {
  try {
    await ask(context.runtimeDir, "/listen", { ask: number, answer }, PATIENCE_MS);
  } catch (error) {
    console.error(`badnessctl: ${answer} came to nothing: ${(error as Error).message}`);
  }
}

async function run([program = "", ...args]: readonly string[], line: string): Promise<"done" | "pass"> {
  const child = spawn(program, args, { stdio: ["pipe", "inherit", "inherit"] });
  child.stdin.on("error", () => {
    // It reads nothing.
  });
  child.stdin.end(`${line}\n`);
  try {
    const [code] = await once(child, "exit");
    return code === 0 ? "done" : "pass";
  } catch (error) {
    console.error(`badnessctl: cannot run ${program}: ${(error as Error).message}`);
    return "pass";
  }
}
