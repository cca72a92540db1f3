/** Every metric: its name, what it means, and where its numbers come from. docs/metrics.md tells of the same ones. */
import type { MemcgCounters } from "../report/counters.ts";
import type { Figures } from "./figures.ts";
import type { Durations } from "./observed.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];

export interface PlainFamily {
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  samples(figures: Figures): Iterable<Sample>;
}

export interface HistogramFamily {
  readonly kind: "histogram";
  readonly name: string;
  readonly help: string;
  durations(figures: Figures): Durations;
}

export const FAMILIES: readonly (PlainFamily | HistogramFamily)[] = [
  gauge("badnessd_build_info", "1, with the version that runs", ["version"], ({ version }) => [[{ version }, 1]]),
  single("gauge", "badnessd_start_time_seconds", "When it was started, in seconds since 1970", (now) => now.startTime),
  single("gauge", "badnessd_dry_run", "1 if nobody is killed and nothing held off", (now) => Number(now.dryRun)),
  single("gauge", "badnessd_armed_memcgs", "Memcgs whose OOMs are handled", (now) => now.armed),
  counter("badnessd_kills_total", "Killed processes of a memcg's subtree", ["memcg", "cause", "killer"], killsOf),
  ofMemcg("badnessd_local_kills_total", "Killed processes attached to a memcg itself", ({ local }) => local),
  ofMemcg("badnessd_ooms_total", "Times that a memcg was out of memory itself", ({ oom }) => oom),
  ofMemcg("badnessd_delays_expired_total", "Its OOMs that outlasted the delay", ({ delayExpired }) => delayExpired),
  ofMemcg("badnessd_no_victim_total", "Its OOMs in which nobody might be killed", ({ noVictim }) => noVictim),
  single("gauge", "badnessd_memcgs_left_out", "Memcgs that have no series of their own", (now) => now.leftOut),
  {
    kind: "histogram",
    name: "badnessd_notification_to_kill_seconds",
    help: "From the notice of an OOM to its last signal, of OOMs in which somebody was killed",
    durations: ({ observed }) => observed.toKill,
  },
  {
    kind: "histogram",
    name: "badnessd_notification_to_relief_seconds",
    help: "From the notice of an OOM until nobody waits for memory",
    durations: ({ observed }) => observed.toRelief,
  },
  counter("badnessd_on_kill_runs_total", "Runs of oom.on_kill, and those skipped", ["result"], ({ onKill }) =>
    Object.entries(onKill).map(([result, count]) => [{ result }, count]),
  ),
  single("counter", "badnessd_faults_total", "Events of type fault", ({ observed }) => observed.faults),
  ofProcess(
    "badnessd_resident_memory_bytes",
    "Resident memory, shared text of Node included",
    (one) => one.residentBytes,
  ),
  ofProcess("badnessd_anonymous_memory_bytes", "Resident memory that stands for no file", (one) => one.anonymousBytes),
  ofProcess("badnessd_open_fds", "Open file descriptors", (one) => one.openFds),
];

function gauge(
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: PlainFamily["samples"],
): PlainFamily {
  return { kind: "gauge", name, help, labelNames, samples };
}

function counter(
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: PlainFamily["samples"],
): PlainFamily {
  return { kind: "counter", name, help, labelNames, samples };
}

function single(
  kind: PlainFamily["kind"],
  name: string,
  help: string,
  pick: (figures: Figures) => number,
): PlainFamily {
  return { kind, name, help, labelNames: [], samples: (figures) => [[{}, pick(figures)]] };
}

function ofMemcg(name: string, help: string, pick: (counters: MemcgCounters) => number): PlainFamily {
  return counter(name, help, ["memcg"], ({ memcgs }) => memcgs.map((one) => [{ memcg: one.memcg }, pick(one)]));
}

function ofProcess(name: string, help: string, pick: (one: Figures["processes"][number]) => number): PlainFamily {
  return gauge(name, help, ["process"], ({ processes }) => processes.map((one) => [{ process: one.name }, pick(one)]));
}

/** What seldom happens is shown where it has happened, and at the root. */
function killsOf({ memcgs }: Figures): Sample[] {
  return memcgs.flatMap(({ memcg, byCause }) =>
    Object.entries(byCause).flatMap(([cause, kills]) =>
      Object.entries(kills).flatMap(([killer, count]): Sample[] => {
        const isShown = count > 0 || cause === "memcg" || memcg === "/";
        return isShown ? [[{ memcg, cause, killer }, count]] : [];
      }),
    ),
  );
}
