/** What Node has changed of what this process was started with. */
import { library } from "./libc.ts";

const prlimit = library.func("prlimit", "int", ["int", "int", "void *", "void *"]) as (
  pid: number,
  resource: number,
  wanted: BigUint64Array | null,
  present: BigUint64Array | null,
) => number;

const RLIMIT_NOFILE = 7;

/**
 * Node raises the soft limit of open files to the hard one at its start, and what it was is forgotten. Nearly always it was
 * the parent's: a program that uses select(2) must not be handed descriptors beyond it.
 */
export function lowerOpenFilesAsParent(): void {
  const [own, parent] = [new BigUint64Array(2), new BigUint64Array(2)];
  if (prlimit(0, RLIMIT_NOFILE, null, own) < 0 || prlimit(process.ppid, RLIMIT_NOFILE, null, parent) < 0) return;
  const [soft = 0n, hard] = parent;
  if (hard === own[1] && soft < (own[0] ?? 0n)) prlimit(0, RLIMIT_NOFILE, parent, null);
}
