/** Facts of a process, from files that can be read while it waits for memory: never cmdline, environ, maps or smaps. */
import { readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { KernelError } from "./kernel-error.ts";
import { parseNumber } from "./parse/numbers.ts";
import { parseCgroupPath } from "./parse/proc-cgroup.ts";
import { type ProcStat, parseProcStat } from "./parse/proc-stat.ts";
import { toBytes } from "./path.ts";
import { readText } from "./read.ts";

/**
 * /proc/PID/stat, or null if the process is gone. Where the leader is a zombie and other threads live on,
 * all but its identity is that of a live thread: the leader shows no memory, and is marked as exiting.
 */
export function readProcStat(pid: number, proc = "/proc"): ProcStat | null {
  const leader = readStat(`${proc}/${pid}/stat`);
  if (leader?.state !== "Z") return leader;
  const live = liveThread(pid, proc);
  return live === null ? leader : { ...live, pid, comm: leader.comm, startTime: leader.startTime };
}

/** Anonymous memory of a process, bytes: resident but not shared, fields 2 and 3 of proc_pid_statm(5). 0 if it is gone. */
export function readAnonBytes(pid: number, proc = "/proc"): number {
  const [, resident = 0, shared = 0] = (readText(`${proc}/${pid}/statm`) ?? "").split(" ").map(Number);
  return Math.max(0, resident - shared) * PAGE_BYTES;
}

/** /proc/PID/status, or "" if the process is gone. */
export function readStatus(pid: number, proc = "/proc"): string {
  return readText(`${proc}/${pid}/status`) ?? "";
}

/** -1000..1000; 0 if the process is gone. */
export function readOomScoreAdj(pid: number, proc = "/proc"): number {
  return parseNumber(readText(`${proc}/${pid}/oom_score_adj`) ?? "") ?? 0;
}

/** Lowering needs CAP_SYS_RESOURCE. */
export function writeOomScoreAdj(pid: number, value: number): "written" | "refused" | "gone" {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, `${value}`);
    return "written";
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return ["ENOENT", "ESRCH"].includes(code) ? "gone" : "refused";
  }
}

const PAGE_BYTES = 4096;

/** Bytes of a path that /proc/PID/cgroup has room for: it is cut off there, or older kernels print nothing. */
const PRINTED_BYTES = 4095;

/**
 * Memcg path of a process as this cgroup namespace sees it, or null if it is gone. Of one that is too long to be
 * printed, the beginning or "".
 */
export function readMemcgPath(pid: number | "self", proc = "/proc"): string | null {
  const path = parsePrintedPath(`${proc}/${pid}/cgroup`);
  if (path !== "/" || pid === "self") return path;
  // A zombie leader stands in `/`; its live threads are where they were.
  const live = liveThread(pid, proc);
  return live === null ? path : parsePrintedPath(`${proc}/${pid}/task/${live.pid}/cgroup`);
}

/** Whether what `readMemcgPath` gave is this memcg, as far as the kernel prints it. */
export function isPrintedPath(printed: string | null, path: string): boolean {
  if (printed === null || printed === path) return printed === path;
  const [start, whole] = [toBytes(printed), toBytes(path)];
  const isCut = start.length >= PRINTED_BYTES || start.length === 0;
  return isCut && whole.length > PRINTED_BYTES && whole.subarray(0, start.length).equals(start);
}

function parsePrintedPath(file: string): string | null {
  try {
    return parseCgroupPath(readText(file) ?? "", "memory");
  } catch (error) {
    if (error instanceof KernelError && error.code === "ENAMETOOLONG") return "";
    throw error;
  }
}

/** User id, or null if the process is gone. */
export function readUid(pid: number, proc = "/proc"): number | null {
  return statSync(`${proc}/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}

/** Path of the executable, or null if the process is gone or nobody may look. */
export function readExe(pid: number, proc = "/proc"): string | null {
  try {
    return readlinkSync(`${proc}/${pid}/exe`);
  } catch {
    return null;
  }
}

/** The command line of this very process, byte by byte: see path.ts. */
export function ownArguments(): string[] {
  return (readText("/proc/self/cmdline") ?? "").split("\0").slice(0, -1);
}

function liveThread(pid: number, proc: string): ProcStat | null {
  try {
    for (const tid of readdirSync(`${proc}/${pid}/task`)) {
      const thread = readStat(`${proc}/${pid}/task/${tid}/stat`);
      if (thread !== null && thread.state !== "Z" && thread.state !== "X") return thread;
    }
  } catch {
    // Gone while we look.
  }
  return null;
}

function readStat(path: string): ProcStat | null {
  const text = readText(path);
  return text === null ? null : parseProcStat(text);
}

/** How many descriptors this process may have open; Node has raised it as far as it may. */
export function readDescriptorLimit(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readText("/proc/self/limits") ?? "")?.[1] ?? Number.POSITIVE_INFINITY);
}

const CAPABILITY_BITS = { CAP_KILL: 5, CAP_SYS_NICE: 23, CAP_SYS_RESOURCE: 24 };

/** Which of the capabilities that matter here this process has. */
export function readCapabilities(): ReadonlySet<string> {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readText("/proc/self/status") ?? "")?.[1] ?? "0"}`);
  const has = Object.entries(CAPABILITY_BITS).filter(([, bit]) => (effective >> BigInt(bit)) & 1n);
  return new Set(has.map(([name]) => name));
}
