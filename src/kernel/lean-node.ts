/**
 * Flags for a Node that stays small: one thread where it can, small generations, and no optimizing compiler, since the
 * path to a kill is walked too rarely for one. For the same reason what is compiled of it is not to be thrown away.
 */
export const LEAN_NODE: readonly string[] = [
  "--v8-pool-size=0",
  "--single-threaded",
  "--optimize-for-size",
  "--no-opt",
  "--no-flush-bytecode",
  "--max-semi-space-size=1",
  "--expose-gc",
];
