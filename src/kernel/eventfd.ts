import { orThrow } from "./kernel-error.ts";
import { eventfd, read } from "./libc.ts";

const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
const count = Buffer.alloc(8);

/** A new eventfd that never blocks. Throws KernelError, as EMFILE. */
export function createEventfd(): number {
  return orThrow(eventfd(0, CLOEXEC | NONBLOCK), "cannot create an eventfd");
}

/** Takes the count off an eventfd, so that it can signal again; false if it had not signalled. */
export function drainEventfd(fd: number): boolean {
  return read(fd, count, 8) > 0;
}
