import type { Loser } from "../select/types.ts";
import { badnessOf, knownSize, reasonInShort } from "./reasons.ts";

/** The losers of a level for a reader, the closest calls first; the same whatever order the kernel lists them in. */
export function sortLosers(losers: readonly Loser[]): Loser[] {
  const keyed = losers.map((loser) => ({ loser, key: sortKey(loser) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  return keyed.map(({ loser }) => loser);
}

/** Losers that are not shown one by one, counted by reason. */
export function foldLosers(losers: readonly Loser[]): string {
  const counts = new Map<string, number>();
  for (const reason of losers.map(reasonInShort)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => (counts.size === 1 ? reason : `${printCount(count)} ${reason}`));
  return `… and ${printCount(losers.length)} more: ${parts.join(", ")}`;
}

/** A count for people: 2,981. */
export function printCount(count: number): string {
  return count.toLocaleString("en-US");
}

type SortKey = readonly (number | string)[];

function sortKey(loser: Loser): SortKey {
  const { candidate, reason } = loser;
  const rank = reason === "lost" ? 0 : reason === "tried" ? 1 : 2;
  const name = candidate.kind === "process" ? candidate.task.pid : candidate.memcg.path;
  return [rank, badnessOf(candidate), -(knownSize(candidate)?.bytes ?? 0), candidate.kind, name];
}

// Two keys that agree up to the kind are of one kind: their names compare.
function compareKeys(a: SortKey, b: SortKey): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  const [first = 0, second = 0] = [a[at], b[at]];
  return at < 0 ? 0 : first < second ? -1 : 1;
}
