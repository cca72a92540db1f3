/** Keeping the program in memory: where memory is short, the kernel drops its pages and reads them again, page by page. */
import { library } from "./libc.ts";
import { parseProgramRanges } from "./parse/maps.ts";
import { readText } from "./read.ts";

/** Lock what has been read of it, and what will be when it is; not what never is. */
const MLOCK_ONFAULT = 1;

/**
 * Locks into memory what this process has used and will use of the files of its program and libraries. Not all of its
 * memory: V8 gives pages back with madvise, which fails on locked ones, and it does not survive that. Without
 * CAP_IPC_LOCK it goes as far as RLIMIT_MEMLOCK. Best when all of it has been in use: what comes later is locked page by
 * page, which takes longer.
 */
export function lockText(): void {
  try {
    // Not every libc has it.
    const mlock2 = library.func("int mlock2(size_t, size_t, int)");
    for (const { start, bytes } of parseProgramRanges(readText("/proc/self/maps") ?? "")) {
      mlock2(start, bytes, MLOCK_ONFAULT);
    }
  } catch {
    // We go without.
  }
}
