/**
 * Figures in Prometheus's text format. The only importer of prom-client, and itself loaded when somebody first asks.
 *
 * Of prom-client only these parts are loaded: all of it takes 2.3 MiB of memory, since it brings OpenTelemetry along, and
 * these take 0.15 MiB. They are no promise of its, so package.json lets in no other minor version.
 */
import { createRequire } from "node:module";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import { FAMILIES, type HistogramFamily, type PlainFamily } from "./families.ts";
import type { Figures } from "./figures.ts";
import { BOUNDS_SECONDS } from "./observed.ts";

const load = createRequire(import.meta.url);
const TextRegistry = load("prom-client/lib/registry.js") as typeof Registry;
const kinds = {
  counter: load("prom-client/lib/counter.js") as typeof Counter,
  gauge: load("prom-client/lib/gauge.js") as typeof Gauge,
};

/** All of it is written in steps, between which an OOM may come first. */
export async function exposition(figures: Figures): Promise<string> {
  const texts: string[] = [];
  for (const family of FAMILIES) {
    texts.push(await textOf(family, figures));
    await new Promise(setImmediate);
  }
  return `${texts.join("\n")}\n`;
}

/** A registry for each time: nothing is left of memcgs that are gone. */
function textOf(family: PlainFamily | HistogramFamily, figures: Figures): Promise<string> {
  const registry = new TextRegistry();
  if (family.kind === "histogram") registry.registerMetric(filledHistogram(family, figures));
  else fill(registry, family, figures);
  return registry.getSingleMetricAsString(family.name);
}

function fill(registry: Registry, { kind, name, help, labelNames, samples }: PlainFamily, figures: Figures): void {
  const metric = new kinds[kind]({ name, help, labelNames: [...labelNames], registers: [registry] });
  for (const [labels, value] of samples(figures)) metric.inc(labels, value);
}

/** prom-client fills a histogram value by value, but asks it for no more than this; ours is full already. */
function filledHistogram({ name, help, durations }: HistogramFamily, figures: Figures): Histogram {
  const filled = durations(figures);
  const bounds = [...BOUNDS_SECONDS, "+Inf"];
  const counts = filled.cumulative();
  const buckets = counts.map((value, index) => ({
    metricName: `${name}_bucket`,
    labels: { le: bounds[index] },
    value,
  }));
  const sum = { metricName: `${name}_sum`, labels: {}, value: filled.sumSeconds };
  const count = { metricName: `${name}_count`, labels: {}, value: counts.at(-1) };
  const values = [...buckets, sum, count];
  return {
    name,
    get: async () => ({ name, help, type: "histogram", values, aggregator: "sum" }),
  } as unknown as Histogram;
}
