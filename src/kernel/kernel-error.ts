import { errno, errnoName } from "./libc.ts";

/** A system call that failed, and not because the thing is gone. */
export class KernelError extends Error {
  /** As `EMFILE`. */
  readonly code: string;
  constructor(what: string, value: number = errno()) {
    super(`${what}: ${errnoName(value)}`);
    this.code = errnoName(value);
  }
}

/** The result of a system call that must not fail. Throws KernelError with what was tried. */
export function orThrow(result: number, what: string): number {
  if (result < 0) throw new KernelError(what);
  return result;
}
