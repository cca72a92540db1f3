/** `badnessctl listen`: the owner of a memcg is told before anybody of theirs is killed, and may free memory instead. */
import { createInterface } from "node:readline";
import { ask, askLines, DaemonRefuses } from "../control/client.ts";
import { printablePath } from "../report/printable.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Status } from "./status.ts";

/** An answer that comes later helps nobody. */
const PATIENCE_MS = 1_000;

/**
 * Prints a line for every OOM in which the choice falls into the memcg. With a command, runs it for each of them, with the
 * line on standard input, and answers by its exit code, unless its time is over before; without one, `done` or `pass` on standard input answers the last.
 */
export async function listen(context: Context, memcg: string, words: readonly string[]): Promise<void> {
  const path = memcgPath(memcg);
  // Behind a first argument, commander leaves it to us.
  const command = words[0] === "--" ? words.slice(1) : words;
  const runner = command.length === 0 ? null : new OneAtATime(command);
  let last = 0;
  if (runner === null) answerFromInput(context, () => last);
  try {
    for await (const line of askLines(context.runtimeDir, `/listen?memcg=${encodeURIComponent(path.toWellFormed())}`)) {
      context.print(line);
      const told = JSON.parse(line) as { readonly type: string; readonly ask: number; readonly windowMs: number };
      if (told.type === "listening") noteLimits(path, await context.tryAsk<Status>("/status"));
      if (told.type !== "oom") continue;
      last = told.ask;
      void runner?.run(line, told.windowMs).then((isDone) => {
        if (isDone !== null) void send(context, told.ask, isDone ? "done" : "pass");
      });
    }
  } catch (error) {
    if (error instanceof DaemonRefuses) throw new CommandFailed(error.message, error.status === 403 ? 77 : 1);
    // The daemon has ended.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  } finally {
    runner?.end();
    // It would keep us here.
    process.stdin.destroy();
  }
  throw new CommandFailed(`${path} is gone, or badnessd has ended`);
}

/** What somebody may wait for in vain. */
function noteLimits(path: string, status: Status | null): void {
  if (status === null) return;
  const { armed, watchesMachine, dryRun } = status;
  const name = printablePath(path);
  const machine = watchesMachine ? ", or of the machine" : "";
  if (dryRun) console.error("badnessctl: note: badnessd runs dry: nobody is told of anything");
  else if (path === "/" && !watchesMachine) console.error("badnessctl: note: a system-wide OOM is the kernel's");
  else if (path !== "/" && armed.every(({ memcg }) => memcg !== path))
    console.error(
      `badnessctl: note: ${name} is not guarded: of an OOM of its own limit nothing is told, only of one above or below that is guarded${machine}`,
    );
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
