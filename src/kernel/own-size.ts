/** What a process of ours takes up, from files that are quick to read whatever it does. */
import { readdirSync, statSync } from "node:fs";
import { readText } from "./read.ts";

export interface ProcessSize {
  readonly residentBytes: number;
  /** The part of it that stands for no file, and is nobody else's. */
  readonly anonymousBytes: number;
  readonly openFds: number;
}

/** Null if the process is gone. */
export function readProcessSize(pid: number): ProcessSize | null {
  const status = readText(`/proc/${pid}/status`) ?? "";
  const [residentBytes, anonymousBytes] = [kibOf(status, "VmRSS"), kibOf(status, "RssAnon")];
  const openFds = countFds(pid);
  // A zombie has a status, and no memory in it.
  if (residentBytes === null || anonymousBytes === null || openFds === null) return null;
  return { residentBytes, anonymousBytes, openFds };
}

function kibOf(status: string, name: string): number | null {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** Since Linux 6.2 the directory itself says how many are in it. */
function countFds(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}/fd`).size || readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}
