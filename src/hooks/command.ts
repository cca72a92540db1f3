/** A command line of the operator's, with something to read, a deadline, and an end in words. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { getPriority, setPriority } from "node:os";
import { closeAllOnExec } from "../kernel/close-on-exec.ts";
import { close } from "../kernel/libc.ts";
import { createTextFile } from "../kernel/memfd.ts";
import { createPipe } from "../kernel/pipe.ts";
import { readOomScoreAdj } from "../kernel/process.ts";
import { killGroup } from "./process-group.ts";

export interface CommandEnd {
  /** In words why it is no success, or null. */
  readonly failure: string | null;
  readonly isTimeout: boolean;
  /** The beginning of what it said on standard error, on one line. */
  readonly stderr: string;
}

export interface StartedCommand {
  /** Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Ends it and whatever it has started, at once. */
  kill(): void;
}

const STDERR_CHARACTERS = 500;
/** Who has left the process group may hold standard error open for ever. */
const LAST_WORDS_MS = 100;
/** Else it would be as protected from every killer as its parent. Nobody needs a capability to give that up. */
const UNPROTECT = '{ echo 0 >/proc/self/oom_score_adj; } 2>/dev/null; exec /bin/sh -c "$0"';

/**
 * Runs a line with /bin/sh, with `input` on standard input. It has a process group of its own, which is killed as a whole
 * when the time is over, and what is left of it when the shell has ended. Throws if it cannot be started.
 *
 * What the shell inherits is what libuv makes of a child: default signals, and of our descriptors none but the three.
 */
export function startCommand(line: string, input: string, timeoutMs: number): StartedCommand {
  const { child, stderr } = spawnShell(line, input);
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  };
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = true;
    kill();
  }, timeoutMs);
  const ended = endOf(child).then(async (how) => {
    clearTimeout(timer);
    const failure = isTimeout ? `killed after ${timeoutMs} ms` : how;
    return { failure, isTimeout, stderr: await stderr.end() };
  });
  return { ended, kill };
}

function spawnShell(line: string, input: string): { readonly child: ChildProcess; readonly stderr: LastWords } {
  const args = readOomScoreAdj(process.pid) !== 0 ? ["-c", UNPROTECT, line] : ["-c", line];
  // A file and a pipe, for what Node calls a pipe is a socket, and no shell can open /dev/stdin or /dev/stderr on one.
  // A file also takes all of the input at once, whether anybody reads it or not.
  const inputFd = createTextFile("event", input);
  const { readFd, writeFd } = createPipe();
  closeAllOnExec();
  try {
    const child = spawn("/bin/sh", args, { stdio: [inputFd, "ignore", writeFd], cwd: "/", detached: true });
    if (child.pid !== undefined && getPriority() < 0) makeOrdinary(child.pid);
    return { child, stderr: new LastWords(readFd) };
  } catch (error) {
    close(readFd);
    throw error;
  } finally {
    close(inputFd);
    close(writeFd);
  }
}

function makeOrdinary(pid: number): void {
  try {
    setPriority(pid, 0);
  } catch {
    // It runs all the same.
  }
}

/** How it ended, null for well; what is left of its process group dies with it. */
function endOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => {
      killGroup(child);
      if (code === 0) resolve(null);
      else resolve(code === null ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
}

/** What arrives on a pipe, as far as it is worth keeping; it is read to its end, so that nobody who writes has to wait. */
class LastWords {
  readonly #pipe: Socket;
  #text = "";

  constructor(readFd: number) {
    this.#pipe = new Socket({ fd: readFd, readable: true, writable: false });
    this.#pipe.setEncoding("utf8");
    this.#pipe.on("data", (chunk: string) => {
      if (this.#text.length < STDERR_CHARACTERS) this.#text += chunk.slice(0, STDERR_CHARACTERS - this.#text.length);
    });
    this.#pipe.on("error", () => {});
  }

  async end(): Promise<string> {
    const closed = new Promise((resolve) => this.#pipe.once("close", resolve));
    const timer = setTimeout(() => this.#pipe.destroy(), LAST_WORDS_MS);
    if (!this.#pipe.closed) await closed;
    clearTimeout(timer);
    return this.#text.trim().replaceAll(/\s*\n\s*/g, "; ");
  }
}
