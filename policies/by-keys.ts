import type { Candidate, Comparison, Unit } from "../src/select/types.ts";
import { tieBreak } from "./tie-break.ts";

/** One thing that siblings are compared by: who has more of it dies first, and of whom it is not known, last. */
export interface Key {
  /** In a word or two, as "swap". */
  readonly by: string;
  readonly unit: Unit;
  of(candidate: Candidate): number | null;
}

/** Sorts by the first key, between equals by the second, and so on; between those who are equal in all, always alike. */
export function byKeys(candidates: readonly Candidate[], keys: readonly Key[]): Candidate[] {
  const rows = candidates.map((candidate) => ({ candidate, values: keys.map((key) => key.of(candidate) ?? UNKNOWN) }));
  rows.sort((a, b) => {
    const at = a.values.findIndex((value, index) => value !== b.values[index]);
    return at < 0 ? tieBreak(a.candidate, b.candidate).order : (b.values[at] ?? 0) - (a.values[at] ?? 0);
  });
  return rows.map(({ candidate }) => candidate);
}

/** The first key in which two candidates differ. */
export function decisiveKey(target: Candidate, peer: Candidate, keys: readonly Key[]): Comparison {
  for (const { by, unit, of } of keys) {
    const [more, less] = [of(target), of(peer)];
    if (more === less) continue;
    if (more === null || less === null) return { by: `no ${by} known` };
    return { by, values: { target: more, peer: less, unit } };
  }
  return { by: tieBreak(target, peer).by };
}

/** `won` if the first key tells of the target; where it does not, size decided. */
export function describeBy(target: Candidate, [first]: readonly Key[], won: string): string {
  return first === undefined || first.of(target) !== null ? won : `no ${first.by} known: by size`;
}

/** Less than anything that is known. */
const UNKNOWN = Number.NEGATIVE_INFINITY;

/** Anonymous memory: what is compared where nothing else tells candidates apart. */
export const SIZE: Key = {
  by: "size",
  unit: "bytes",
  of: (candidate) => (candidate.kind === "process" ? candidate.task.rssBytes : candidate.memcg.rssBytes),
};
