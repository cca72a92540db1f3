/** Giving back what only starting up needed. */
import { library } from "./libc.ts";

/** Collects garbage and returns free memory to the kernel; takes some ten milliseconds, once. */
export function settleMemory(): void {
  // There with --expose-gc, which is among the flags of lean-node.ts.
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
  try {
    library.func("int malloc_trim(size_t)")(0);
  } catch {
    // Only glibc has it, and needs it.
  }
}
