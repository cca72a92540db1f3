/** Values of processes on file, for the daemon that comes after this one: RUNTIME_DIR/processes.json. */
import { PROTECTED } from "../hierarchy/types.ts";
import { readRegularFile } from "../kernel/files.ts";
import { moveAside, replaceFile } from "../kernel/state-file.ts";
import { MOST_ENTRIES } from "./process-table.ts";
import type { SetEntry } from "./set-entry.ts";

const LARGEST_BYTES = 16 * 1024 * 1024;

const fileIn = (runtimeDir: string): string => `${runtimeDir}/processes.json`;

/** Throws as `node:fs` does, as ENOSPC. */
export function writeEntries(runtimeDir: string, bootId: string, entries: Iterable<SetEntry>): void {
  replaceFile(fileIn(runtimeDir), JSON.stringify({ version: 1, bootId, processes: [...entries] }));
}

/** None where there is no file or it is of another boot; one that is broken is set aside, and `onFault` hears why. */
export function readEntries(runtimeDir: string, bootId: string, onFault: (what: string) => void): SetEntry[] {
  try {
    return peekEntries(runtimeDir, bootId);
  } catch (error) {
    const file = fileIn(runtimeDir);
    const aside = moveAside(file);
    onFault(
      `${file} is broken and set aside as ${aside}, no process has the badness it had: ${(error as Error).message}`,
    );
    return [];
  }
}

/** The same for who only looks: throws if the file is broken. */
export function peekEntries(runtimeDir: string, bootId: string): SetEntry[] {
  const read = readRegularFile(fileIn(runtimeDir), LARGEST_BYTES);
  if ("refused" in read && read.refused.endsWith("ENOENT")) return [];
  if ("refused" in read) throw new Error(read.refused);
  const { bootId: writtenIn, processes } = JSON.parse(read.bytes.toString()) as Record<string, unknown>;
  if (typeof writtenIn !== "string" || !areEntries(processes)) throw new Error("it is not what badnessd writes");
  return writtenIn === bootId ? processes : [];
}

function areEntries(value: unknown): value is SetEntry[] {
  return Array.isArray(value) && value.length <= MOST_ENTRIES && value.every(isEntry);
}

function isEntry(value: unknown): value is SetEntry {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTime, badness, since, isCap, uid, inheritedFrom } = value as Record<string, unknown>;
  const isOptional = (one: unknown) => one === null || isCount(one);
  const isWhole = [pid, startTime, since, uid].every(isCount) && [badness, inheritedFrom].every(isOptional);
  return isWhole && (badness as number) <= PROTECTED && typeof isCap === "boolean";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
