import type { Io } from "../src/hierarchy/types.ts";
import { byKeys, decisiveKey, describeBy, SIZE } from "./by-keys.ts";
import type { ArgumentSpecs, OomLevel, RankingPolicy, ValuesOf } from "./contract.ts";
import { nextRate, type Rate, rateKey } from "./rate.ts";

const args = {
  bytesPerOperation: {
    type: "integer",
    from: 0,
    to: 2 ** 30,
    default: 65_536,
    summary: "what an operation costs, as bytes read: more for disks that turn",
  },
  writeFactor: { type: "number", from: 0, to: 1000, default: 1, summary: "what a byte written costs, as bytes read" },
} as const satisfies ArgumentSpecs;

/** As oomd's kill_by_io_cost, with a model of two numbers for all devices: who costs most input and output goes. */
export const ioCost: RankingPolicy<typeof args, Rate | null> = {
  name: "io-cost",
  summary: "who costs most input and output goes first: the rate over the last interval",
  walk: "memcgs",
  arguments: args,
  needs: () => ["io"],

  prerun(memcg, before, nowMs, values) {
    const { io } = memcg.facts;
    return nextRate(io === null ? null : costOf(io, values), before, nowMs);
  },

  rankForKilling: (siblings, level) => byKeys(siblings, keysFor(level)),
  describeKill: (target, _peers, level) => describeBy(target, keysFor(level), "most input and output"),
  decidedBy: (target, peer, level) => decisiveKey(target, peer, keysFor(level)),
};

function costOf(io: Io, { bytesPerOperation, writeFactor }: ValuesOf<typeof args>): number {
  return io.readBytes + io.writtenBytes * writeFactor + io.operations * bytesPerOperation;
}

function keysFor(level: OomLevel<typeof args, Rate | null>) {
  return [rateKey("io cost", "bytes/s", level), SIZE];
}
