import type { Candidate } from "../src/select/types.ts";
import type { RankingPolicy } from "./contract.ts";
import { descending, type TieBreaker, tieBreak } from "./tie-break.ts";

/** The default order: lower badness dies first, and at equal badness the larger RSS. */
export const strictPriority: RankingPolicy = {
  name: "strict-priority",
  summary: "lower badness first; at equal badness the larger RSS",

  *rankForKilling(siblings) {
    for (const bucket of bucketsOf(siblings)) yield* bySize(bucket);
  },

  describeKill(target, peers) {
    const decisive = new Set(peers.map((peer) => decisiveBetween(target, peer)));
    const closest = CLOSEST_FIRST.find((by) => decisive.has(by));
    return closest === undefined ? "the only candidate" : WON[closest];
  },

  decidedBy: (target, peer) => ({ by: decisiveBetween(target, peer) }),
};

type DecidedBy = "badness" | "rss" | TieBreaker;

const CLOSEST_FIRST: readonly DecidedBy[] = ["path", "pid", "startTime", "kind", "rss", "badness"];

const WON: Record<DecidedBy, string> = {
  badness: "lowest badness",
  rss: "largest of the lowest badness",
  kind: "same size: a process goes before a memcg",
  startTime: "same size: started last",
  pid: "same size and start: greatest pid",
  path: "same size: first by path",
};

function decisiveBetween(target: Candidate, peer: Candidate): DecidedBy {
  if (badnessOf(target) !== badnessOf(peer)) return "badness";
  if (ceilingOf(peer) < sizeOf(target) || sizeOf(peer) !== sizeOf(target)) return "rss";
  return tieBreak(target, peer).by;
}

/** Candidates of equal badness together, the lowest badness first; no size is looked at. */
function* bucketsOf(candidates: readonly Candidate[]): Generator<Candidate[]> {
  const sorted = candidates.map((candidate) => ({ candidate, badness: badnessOf(candidate) }));
  sorted.sort((a, b) => a.badness - b.badness);
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end]?.badness === sorted[start]?.badness) end++;
    yield sorted.slice(start, end).map(({ candidate }) => candidate);
  }
}

/**
 * The largest first. A ceiling costs less than a size, so a size is read only while it could still be the largest;
 * whoever is left alone is not measured at all.
 */
function* bySize(bucket: readonly Candidate[]): Generator<Candidate> {
  if (bucket.length === 1) return yield* bucket;
  const unread = bucket.map((candidate) => ({ candidate, ceiling: ceilingOf(candidate) }));
  unread.sort((a, b) => a.ceiling - b.ceiling);
  const read: Candidate[] = []; // the best last
  while (unread.length + read.length > 1) {
    for (let next = unread.at(-1); next !== undefined; next = unread.at(-1)) {
      const best = read.at(-1);
      if (best !== undefined && next.ceiling < sizeOf(best)) break;
      insert(read, next.candidate);
      unread.pop();
    }
    yield* read.splice(-1);
  }
  yield* read;
  for (const { candidate } of unread) yield candidate;
}

/** Puts a candidate in its place by bisection, so that ten thousand of them stay cheap. */
function insert(read: Candidate[], candidate: Candidate): void {
  let low = 0;
  let high = read.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = read[middle];
    if (other !== undefined && compareSizes(other, candidate) > 0) low = middle + 1;
    else high = middle;
  }
  read.splice(low, 0, candidate);
}

/** Negative if `a` dies before `b`. */
function compareSizes(a: Candidate, b: Candidate): number {
  return descending(sizeOf(a), sizeOf(b)) || tieBreak(a, b).order;
}

function badnessOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.badness : candidate.memcg.badness;
}

function sizeOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.rssBytes : candidate.memcg.rssBytes;
}

function ceilingOf(candidate: Candidate): number {
  return candidate.kind === "process" ? candidate.task.rssBytes : candidate.memcg.rssCeilingBytes;
}
