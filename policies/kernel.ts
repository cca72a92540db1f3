import type { Candidate } from "../src/select/types.ts";
import { byKeys, decisiveKey, type Key } from "./by-keys.ts";
import type { Oom, RankingPolicy } from "./contract.ts";

const PAGE_BYTES = 4096;

/**
 * As the kernel itself (oom_badness in mm/oom_kill.c), whatever memcg a process is in: a point for every page that it
 * has resident, in swap or as a page table, and oom_score_adj thousandths of all that the OOM memcg may have.
 *
 * What only the kernel can see is left out: it passes over whoever has called vfork and waits.
 */
export const kernel: RankingPolicy = {
  name: "kernel",
  summary: "as the kernel's own killer: RSS, swap and page tables, and oom_score_adj; badness protects, and no more",
  walk: "processes",
  needs: () => ["limitBytes"],
  rankForKilling: (siblings, level) => byKeys(siblings, [pointsIn(level)]),

  describeKill(target) {
    const adj = target.kind === "process" ? target.task.oomScoreAdj : 0;
    return adj === 0 ? "most points" : `most points, with an oom_score_adj of ${adj}`;
  },

  decidedBy: (target, peer, level) => decisiveKey(target, peer, [pointsIn(level)]),
};

function pointsIn({ oomMemcg }: Oom): Key {
  const limitPages = Math.floor((oomMemcg.facts.limitBytes ?? 0) / PAGE_BYTES);
  const pointsPerAdj = Math.floor(limitPages / 1000);
  return { by: "points", unit: "points", of: (candidate) => pointsOf(candidate, pointsPerAdj) };
}

function pointsOf(candidate: Candidate, pointsPerAdj: number): number | null {
  if (candidate.kind === "memcg") return null;
  const { rssBytes, oomScoreAdj, facts } = candidate.task;
  const pages = pagesIn(rssBytes) + pagesIn(facts.swapBytes ?? 0) + pagesIn(facts.pageTableBytes ?? 0);
  return pages + oomScoreAdj * pointsPerAdj;
}

function pagesIn(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES);
}
