import { PROTECTED, type Task } from "../hierarchy/types.ts";
import type { PassedOver } from "./types.ts";

/** Why a process is no candidate, or null if it is one. What is cheapest to know is asked first. */
export function passedOver(task: Task): PassedOver | null {
  if (task.pid === 1) return "pid 1";
  if (task.excluded) return "excluded";
  if (task.kernelThread) return "kernel thread";
  // X is a process that is gone but for its entry in the table.
  if (task.state === "Z" || task.state === "X") return "zombie";
  if (task.dying) return "already dying";
  if (task.badness === PROTECTED) return "protected";
  return task.oomScoreAdj === -1000 ? "oom_score_adj -1000" : null;
}
