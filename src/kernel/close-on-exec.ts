import { library } from "./libc.ts";

const syscall4 = library.func("syscall", "long", ["long", "uint", "uint", "uint"]);
const CLOSE_RANGE = 436;
const CLOSE_RANGE_CLOEXEC = 4;
const LARGEST_FD = 2 ** 32 - 1;

/**
 * Keeps every descriptor from 3 on from whatever is executed later: those that we open are kept anyway, those that we were
 * started with need not be. Before Linux 5.11 it does nothing.
 */
export function closeAllOnExec(): void {
  syscall4(CLOSE_RANGE, 3, LARGEST_FD, CLOSE_RANGE_CLOEXEC);
}
