import type { Task } from "../hierarchy/types.ts";
import type { Victim } from "./types.ts";

/** Every process that dies with this victim. */
export function victimTasks(victim: Victim): readonly Task[] {
  return victim.kind === "process" ? [victim.task] : victim.tasks;
}
