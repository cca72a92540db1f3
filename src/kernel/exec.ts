/** Turning this process into another program: the same pid, with nothing left of what it had loaded. */
import { closeSync, readFileSync, writeSync } from "node:fs";
import { KernelError, orThrow } from "./kernel-error.ts";
import { library } from "./libc.ts";

const execve = library.func("execve", "int", ["str", "str *", "str *"]) as (
  path: string,
  argv: readonly (string | null)[],
  environment: readonly (string | null)[],
) => number;
const memfdCreate = library.func("memfd_create", "int", ["str", "uint"]) as (name: string, flags: number) => number;

const fcntl = library.func("fcntl", "int", ["int", "int", "int"]) as (
  fd: number,
  command: number,
  value: number,
) => number;

const F_SETFD = 2;
/** Descriptor of what was handed over, in the environment of the new program. */
const VARIABLE = "BADNESSD_HANDOVER_FD";

/** Runs `command` in place of this program, with a text for it to find. Returns only by throwing KernelError. */
export function become(command: readonly string[], handover: string): never {
  const [program = "", ...args] = command;
  // Without MFD_CLOEXEC it is open on the other side.
  const fd = orThrow(memfdCreate("handover", 0), "cannot create a memfd");
  writeSync(fd, handover);
  const environment = Object.entries({ ...process.env, [VARIABLE]: `${fd}` }).map(
    ([name, value]) => `${name}=${value}`,
  );
  // Node marks its standard streams to be closed on exec.
  for (const stream of [0, 1, 2]) fcntl(stream, F_SETFD, 0);
  execve(program, [program, ...args, null], [...environment, null]);
  const failed = new KernelError(`cannot run ${program}`);
  closeSync(fd);
  throw failed;
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
