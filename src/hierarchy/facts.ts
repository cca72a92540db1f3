/** What policies may ask beside badness and size, from the kernel. */
import {
  readIo,
  readMaxBytes,
  readPgScans,
  readPressure,
  readProtectedBytes,
  readSwapBytes,
} from "../kernel/memcg-facts.ts";
import { parseKibibytes } from "../kernel/parse/kibibytes.ts";
import { readStatus } from "../kernel/process.ts";
import { type ReadOnce, readOnce } from "./read-once.ts";
import type { MemcgFacts, TaskFacts } from "./types.ts";

/** Facts of the memcg in this directory. */
export function memcgFacts(directory: string, path: string, proc: string, usage: () => number): ReadOnce<MemcgFacts> {
  return readOnce<MemcgFacts>({
    usageBytes: usage,
    limitBytes: () => readMaxBytes(directory, proc),
    swapBytes: () => readSwapBytes(directory),
    protectedBytes: () => readProtectedBytes(directory),
    memoryPressure: () => readPressure(directory, "memory"),
    ioPressure: () => readPressure(directory, "io"),
    pgScans: () => readPgScans(directory),
    io: () => readIo(directory, path),
  });
}

/** Facts of a process; they cost one more read of /proc/PID/status, which never waits for anybody. */
export function taskFacts(pid: number, proc: string): ReadOnce<TaskFacts> {
  let text: string | undefined;
  const line = (key: string) => {
    text ??= readStatus(pid, proc);
    return parseKibibytes(text, key);
  };
  return readOnce<TaskFacts>({ swapBytes: () => line("VmSwap"), pageTableBytes: () => line("VmPTE") });
}
