import { readExe, readMemcgPath, readProcStat, readUid } from "../kernel/process.ts";
import type { ProcessFacts } from "./live.ts";

/** What a rule may ask of a process that somebody named, or null if it is gone. */
export function processFacts(pid: number): ProcessFacts | null {
  const stat = readProcStat(pid);
  const memcg = stat === null ? null : readMemcgPath(pid);
  if (stat === null || memcg === null) return null;
  const { startTime, ppid, comm } = stat;
  return { pid, startTime, ppid, comm, memcg, uid: () => readUid(pid), exe: () => readExe(pid) };
}
