import { byKeys, decisiveKey, describeBy, SIZE } from "./by-keys.ts";
import type { ArgumentSpecs, OomLevel, RankingPolicy } from "./contract.ts";
import { nextRate, type Rate, rateKey } from "./rate.ts";

/** As oomd's kill_by_pg_scan: in whom reclaim has to look at most pages goes. */
export const pgScan: RankingPolicy<ArgumentSpecs, Rate | null> = {
  name: "pg-scan",
  summary: "who has most pages scanned by reclaim goes first: the rate over the last interval",
  walk: "memcgs",
  needs: () => ["pgScans"],
  prerun: (memcg, before, nowMs) => nextRate(memcg.facts.pgScans, before, nowMs),
  rankForKilling: (siblings, level) => byKeys(siblings, keysFor(level)),
  describeKill: (target, _peers, level) => describeBy(target, keysFor(level), "most pages scanned"),
  decidedBy: (target, peer, level) => decisiveKey(target, peer, keysFor(level)),
};

function keysFor(level: OomLevel<ArgumentSpecs, Rate | null>) {
  return [rateKey("scan rate", "pages/s", level), SIZE];
}
