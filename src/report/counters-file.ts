/** RUNTIME_DIR/counters.json: what was counted, for the next run and for whoever asks while none runs. */
import { readText } from "../kernel/read.ts";
import { replaceFile } from "../kernel/state-file.ts";
import type { KeptMemcg, KillCount, MemcgCounters } from "./counters.ts";

export interface CountersState {
  readonly memcgs: readonly KeptMemcg[];
  /** `oom_kill` of every memcg as far as it is counted, by inode number. */
  readonly seen: ReadonlyMap<bigint, number>;
}

export const countersFile = (runtimeDir: string): string => `${runtimeDir}/counters.json`;

/** Null if there is none. Throws Error if it is broken. */
export function readCounters(runtimeDir: string): CountersState | null {
  const text = readText(countersFile(runtimeDir));
  if (text === null) return null;
  const { version, bootId, seen, memcgs } = objectOf(JSON.parse(text));
  if (version !== 1 || !Array.isArray(memcgs)) throw new Error("expected version 1 and a list of memcgs");
  // After a boot the same inode numbers mean other memcgs.
  const isThisBoot = bootId === readBootId();
  const entries = isThisBoot ? Object.entries(objectOf(seen)) : [];
  return { memcgs: memcgs.map(keptOf), seen: new Map(entries.map(([ino, kills]) => [BigInt(ino), count(kills)])) };
}

/** Throws as `node:fs` does, as ENOSPC. */
export function writeCounters(runtimeDir: string, { memcgs, seen }: CountersState): void {
  const bySeen = Object.fromEntries(Array.from(seen, ([ino, kills]) => [`${ino}`, kills]));
  const kept = memcgs.map(({ ino, counters }) => ({ ino: `${ino}`, ...counters }));
  const state = { version: 1, bootId: readBootId(), seen: bySeen, memcgs: kept };
  replaceFile(countersFile(runtimeDir), `${JSON.stringify(state)}\n`);
}

function readBootId(): string {
  return readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

function keptOf(value: unknown): KeptMemcg {
  return { ino: BigInt(`${objectOf(value)["ino"]}`), counters: countersOf(value) };
}

function countersOf(value: unknown): MemcgCounters {
  const { memcg, local, byCause, oom, delayExpired, noVictim } = objectOf(value);
  if (typeof memcg !== "string" || !memcg.startsWith("/")) throw new Error("expected a memcg path");
  const causes = objectOf(byCause);
  const kills = { memcg: killsOf(causes["memcg"]), system: killsOf(causes["system"]), user: killsOf(causes["user"]) };
  const hierarchical = Object.values(kills).reduce((sum, { handler, kernel }) => sum + handler + kernel, 0);
  const happenings = { oom: count(oom), delayExpired: count(delayExpired), noVictim: count(noVictim) };
  return { memcg, local: count(local), hierarchical, byCause: kills, ...happenings };
}

function killsOf(value: unknown): KillCount {
  const { handler, kernel } = objectOf(value);
  return { handler: count(handler), kernel: count(kernel) };
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error("expected an object");
}

function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error("expected a count");
}
