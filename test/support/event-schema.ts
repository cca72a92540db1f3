/** The events as docs/events.md promises them: no field more and none less. */
import * as v from "valibot";
import type { Event } from "../../src/report/events.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const ms = v.pipe(v.number(), v.finite(), v.minValue(0));
const memcg = v.pipe(v.string(), v.startsWith("/"));
const badness = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000));
const pid = v.pipe(v.number(), v.integer(), v.minValue(1));

const victimFields = { pid, startTime: count, comm: v.string(), memcg, rssBytes: count };
const victim = v.strictObject(victimFields);
const beforeRelief = { decidedMs: ms, killedMs: ms, goneMs: ms };

const holdings = v.strictObject({
  anonBytes: count,
  shmemBytes: count,
  fileBytes: count,
  kernelBytes: count,
  otherBytes: count,
  elsewhereBytes: count,
  mappedBytes: count,
  unevictableBytes: count,
});

const chosen = v.variant("kind", [
  v.strictObject({ kind: v.literal("process"), pid, memcg }),
  v.strictObject({ kind: v.literal("memcg"), path: memcg, pids: v.array(pid) }),
]);
const processCandidate = {
  kind: v.literal("process"),
  pid,
  comm: v.string(),
  badness,
  rssBytes: v.nullable(count),
};
const memcgCandidate = { kind: v.literal("memcg"), path: memcg, badness, rssBytes: v.nullable(count) };
const candidate = v.variant("kind", [v.strictObject(processCandidate), v.strictObject(memcgCandidate)]);
const loser = v.variant("kind", [
  v.strictObject({ ...processCandidate, reason: v.string() }),
  v.strictObject({ ...memcgCandidate, reason: v.string() }),
]);
const decision = v.strictObject({
  victim: v.nullable(chosen),
  ranked: v.array(chosen),
  levels: v.array(
    v.strictObject({
      memcg,
      group: v.boolean(),
      chosen: v.nullable(candidate),
      why: v.string(),
      losers: v.array(loser),
    }),
  ),
});

/** By type: the fields besides `type`, `time` and `seq`. */
export const EVENT_FIELDS = {
  ready: { version: v.string(), armed: count },
  stopped: { restored: count, failed: v.array(v.string()) },
  armed: { memcg, delayMs: count },
  disarmed: { memcg, why: v.string() },
  oom: { memcg, usageBytes: count, limitBytes: v.nullable(v.number()) },
  decision: { memcg, policy: v.string(), explanation: v.string(), decision, snapshot: v.nullable(v.string()) },
  kill: {
    memcg,
    dryRun: v.boolean(),
    victims: v.array(victim),
    missed: v.array(v.strictObject({ ...victimFields, why: v.string() })),
  },
  relief: {
    memcg,
    by: v.picklist(["reclaim", "lend", "listener", "handler", "pre-kill"]),
    of: memcg,
    outcome: v.picklist(["done", "pass", "unfinished", "timed out", "gone", "failed"]),
    detail: v.nullable(v.string()),
    windowMs: count,
    tookMs: ms,
    gainedBytes: count,
    relieved: v.boolean(),
  },
  "loan-returned": { memcg, bytes: count, tookMs: ms },
  stuck: { memcg, victims: v.array(victim), waitedMs: ms },
  relieved: {
    memcg,
    victims: v.array(victim),
    steps: v.nullable(v.strictObject({ ...beforeRelief, relievedMs: ms })),
    usageBytes: count,
    tookMs: ms,
    kernelKilled: v.pipe(v.number(), v.integer()),
  },
  "silent-oom": {
    memcg,
    usageBytes: count,
    limitBytes: count,
    counter: v.picklist(["memory.failcnt", "memory.memsw.failcnt", "memory.memsw.usage_in_bytes"]),
    mode: v.picklist(["report", "handle"]),
    holdings,
  },
  livelock: {
    memcg,
    comm: v.nullable(v.string()),
    victimMemcg: v.nullable(memcg),
    kills: count,
    withinMs: ms,
    livedMs: v.array(ms),
    action: v.picklist(["report", "wider", "hand-back"]),
  },
  "delay-expired": { memcg, delayMs: count, kernelKilled: v.pipe(v.number(), v.integer()) },
  "no-victim": { memcg, explanation: v.string() },
  unreclaimable: { memcg, killed: count, holdings, memoryStat: v.string() },
  "kernel-kill": {
    cause: v.picklist(["memcg", "system"]),
    memcg: v.nullable(memcg),
    oomMemcg: v.nullable(memcg),
    pid: v.nullable(pid),
    comm: v.nullable(v.string()),
  },
  "user-kill": { memcg, uid: count, victims: v.array(v.strictObject({ pid, startTime: count, memcg })) },
  config: { changes: v.array(v.string()) },
  fault: { what: v.string(), memcg: v.optional(memcg), level: v.optional(v.literal("warn")) },
  note: { what: v.string() },
} satisfies Record<Event["type"], v.ObjectEntries>;

const envelope = { time: v.pipe(v.string(), v.isoTimestamp()), seq: v.pipe(count, v.minValue(1)) };
const lost = v.strictObject({ type: v.literal("lost"), count: v.pipe(count, v.minValue(1)), time: envelope.time });

/** Throws if a line of the stream is not what the documentation says. */
export function checkEvent(value: unknown): Event {
  const { type } = value as { readonly type: keyof typeof EVENT_FIELDS };
  const fields = Object.hasOwn(EVENT_FIELDS, type) ? EVENT_FIELDS[type] : null;
  if (fields === null) v.parse(lost, value);
  else v.parse(v.strictObject({ type: v.literal(type), ...envelope, ...fields }), value);
  return value as Event;
}
