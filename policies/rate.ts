import type { Candidate } from "../src/select/types.ts";
import type { Key } from "./by-keys.ts";
import type { ArgumentSpecs, OomLevel } from "./contract.ts";

/** A counter of the kernel's at one moment, and how fast it rose before. */
export interface Rate {
  readonly total: number;
  readonly atMs: number;
  /** Null until there are two samples. */
  readonly perSecond: number | null;
}

/** The next sample of a counter that only rises; null where the kernel does not have it. */
export function nextRate(total: number | null, before: Rate | null | undefined, nowMs: number): Rate | null {
  if (total === null) return null;
  const seconds = before == null ? 0 : (nowMs - before.atMs) / 1000;
  return { total, atMs: nowMs, perSecond: before == null || seconds <= 0 ? null : (total - before.total) / seconds };
}

/** Compares by what was sampled of memcgs; of single processes nothing was. */
export function rateKey<A extends ArgumentSpecs>(by: string, unit: Key["unit"], level: OomLevel<A, Rate | null>): Key {
  const of = (candidate: Candidate) =>
    candidate.kind === "process" ? null : (level.sampleOf(candidate.memcg)?.perSecond ?? null);
  return { by, unit, of };
}
