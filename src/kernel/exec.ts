/** Turning this process into another program: the same pid, with nothing left of what it had loaded. */
import { closeSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { KernelError } from "./kernel-error.ts";
import { library } from "./libc.ts";
import { createTextFile } from "./memfd.ts";
import { toBytesZ } from "./path.ts";

const execvp = library.func("execvp", "int", ["void *", "void **"]) as (
  program: Uint8Array,
  argv: readonly (Uint8Array | null)[],
) => number;
const signal = library.func("signal", "void *", ["int", "void *"]) as (number: number, handler: null) => unknown;
const fcntl = library.func("fcntl", "int", ["int", "int", "int"]) as (
  fd: number,
  command: number,
  value: number,
) => number;

const STANDARD_STREAMS = [0, 1, 2];
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const IGNORED_BY_NODE = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];
/** Before anybody has looked at them: Node makes a stream that it opens O_NONBLOCK, for all who share it. */
const flagsAtStart = STANDARD_STREAMS.map((stream) => fcntl(stream, F_GETFL, 0));
/** Descriptor of what was handed over, in the environment of the new program. */
const VARIABLE = "BADNESSD_HANDOVER_FD";

/**
 * Runs a command in place of this program, found as a shell finds it, with the environment that there is and the signals
 * as they are by default: Node ignores SIGPIPE and SIGXFSZ, which the command would go on doing. Returns only by throwing
 * KernelError.
 */
export function runInstead(command: readonly string[]): never {
  const argv = command.map(toBytesZ);
  for (const stream of STANDARD_STREAMS) {
    // Node marks them to be closed on exec.
    fcntl(stream, F_SETFD, 0);
    fcntl(stream, F_SETFL, flagsAtStart[stream] ?? 0);
  }
  for (const number of IGNORED_BY_NODE) signal(number, null);
  execvp(argv[0] ?? Buffer.of(0), [...argv, null]);
  throw new KernelError(`cannot run ${command[0] ?? ""}`);
}

/** Runs `command` in place of this program, with a text for it to find. Returns only by throwing KernelError. */
export function become(command: readonly string[], handover: string): never {
  const fd = createTextFile("handover", handover, "successor");
  process.env[VARIABLE] = `${fd}`;
  try {
    return runInstead(command);
  } catch (error) {
    closeSync(fd);
    delete process.env[VARIABLE];
    throw error;
  }
}

/** The text that was handed over, once; null where this program was started by hand. */
export function takeHandover(): string | null {
  const fd = process.env[VARIABLE];
  delete process.env[VARIABLE];
  if (fd === undefined) return null;
  const path = `/proc/self/fd/${fd}`;
  const text = readFileSync(path, "utf8");
  closeSync(Number(fd));
  return text;
}
