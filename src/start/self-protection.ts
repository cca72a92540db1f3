import { getPriority, setPriority } from "node:os";
import { readOomScoreAdj, writeOomScoreAdj } from "../kernel/process.ts";

/** As deploy/badnessd.service sets it. */
const NICE = -10;

/** Out of the kernel's killer's reach, and before others when there is work, as far as we may; our children inherit it. */
export function protectSelf(): void {
  if (readOomScoreAdj(process.pid) > -1000) writeOomScoreAdj(process.pid, -1000);
  try {
    if (getPriority() > NICE) setPriority(NICE);
  } catch {
    // Without CAP_SYS_NICE we wait for our turn.
  }
}
