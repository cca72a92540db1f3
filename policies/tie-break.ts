import type { Task } from "../src/hierarchy/types.ts";
import type { Candidate } from "../src/select/types.ts";
import { comparePaths } from "./path-order.ts";

/** What decides between equals. */
export type TieBreaker = "kind" | "startTime" | "pid" | "path";

/** `order` is negative if the first of the two dies first. */
interface TieBreak {
  readonly by: TieBreaker;
  readonly order: number;
}

/** Processes before memcgs; then the younger process, or the memcg whose path is lower in byte order. */
export function tieBreak(a: Candidate, b: Candidate): TieBreak {
  if (a.kind === "process") return b.kind === "process" ? younger(a.task, b.task) : { by: "kind", order: -1 };
  if (b.kind === "process") return { by: "kind", order: 1 };
  return { by: "path", order: comparePaths(a.memcg.path, b.memcg.path) };
}

/** Compares so that the larger comes first. */
export function descending(a: number, b: number): number {
  return b - a;
}

function younger(a: Task, b: Task): TieBreak {
  const order = descending(a.startTime, b.startTime);
  return order === 0 ? { by: "pid", order: descending(a.pid, b.pid) } : { by: "startTime", order };
}
