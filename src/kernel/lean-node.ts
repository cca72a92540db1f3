/**
 * Flags for a Node that stays small: one thread where it can, small generations, and no optimizing compiler, since the
 * path to a kill is walked so rarely that it always runs cold.
 */
export const LEAN_NODE: readonly string[] = [
  "--v8-pool-size=0",
  "--single-threaded",
  "--optimize-for-size",
  "--no-opt",
  "--max-semi-space-size=1",
  "--expose-gc",
];
