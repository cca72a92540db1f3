import type { Candidate } from "../src/select/types.ts";
import { byKeys, decisiveKey, describeBy, type Key, SIZE } from "./by-keys.ts";
import type { ArgumentSpecs, RankingPolicy } from "./contract.ts";

const args = {
  resource: { type: "choice", of: ["memory", "io"], default: "memory", summary: "what they stand still for" },
} as const satisfies ArgumentSpecs;

/** As oomd's kill_by_pressure: who stood still longest for want of memory, or of input and output, goes. */
export const pressure: RankingPolicy<typeof args> = {
  name: "pressure",
  summary: "who is under most pressure goes first: the mean of 10 and 60 seconds",
  walk: "memcgs",
  arguments: args,
  needs: ({ resource }) => [resource === "memory" ? "memoryPressure" : "ioPressure"],
  rankForKilling: (siblings, level) => byKeys(siblings, keysFor(level.args.resource)),
  describeKill: (target, _peers, level) =>
    describeBy(target, keysFor(level.args.resource), `most pressure for ${level.args.resource}`),
  decidedBy: (target, peer, level) => decisiveKey(target, peer, keysFor(level.args.resource)),
};

function keysFor(resource: "memory" | "io"): readonly Key[] {
  return [{ by: "pressure", unit: "%", of: (candidate) => meanOf(candidate, resource) }, SIZE];
}

/** The kernel keeps no such account of single processes. */
function meanOf(candidate: Candidate, resource: "memory" | "io"): number | null {
  if (candidate.kind === "process") return null;
  const { facts } = candidate.memcg;
  const shares = resource === "memory" ? facts.memoryPressure : facts.ioPressure;
  return shares === null ? null : (shares.avg10 + shares.avg60) / 2;
}
