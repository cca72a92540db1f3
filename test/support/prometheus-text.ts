/** Prometheus's text format 0.0.4, read as strictly as it is written down, and what `promtool check metrics` asks beyond. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i;
const SUFFIXES = { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"] };

/** The families by name; throws at the first line that no scraper would take, or that breaks a convention. */
export function parsePrometheusText(text: string): Map<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, MetricFamily & { readonly samples: Sample[] }>();
  const lines = text.split("\n").slice(0, -1);
  for (let at = 0; at < lines.length; ) {
    const [, name = "", help = ""] = matchLine(/^# HELP (\S+) (\S.*)$/, lines[at++]);
    const [, typeName, type] = matchLine(/^# TYPE (\S+) (counter|gauge|histogram)$/, lines[at++]);
    if (typeName !== name || families.has(name) || !NAME.test(name)) throw new Error(`${name} begins wrongly`);
    const samples: Sample[] = [];
    while (at < lines.length && lines[at]?.startsWith("#") === false) samples.push(parseSample(lines[at++] ?? ""));
    const family = { name, help, type: type as MetricFamily["type"], samples };
    checkFamily(family);
    families.set(name, family);
  }
  return families;
}

/** The value of the one sample with these labels, no more and no less; undefined if there is none. */
export function sampleOf(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  return families.get(name)?.samples.find((sample) => keyOf({ name, labels }) === keyOf({ ...sample, name }))?.value;
}

function matchLine(pattern: RegExp, line = ""): RegExpExecArray {
  const match = pattern.exec(line);
  if (match === null) throw new Error(`expected ${pattern}, got ${JSON.stringify(line)}`);
  return match;
}

function parseSample(line: string): Sample {
  const [, name = "", labelText = "", value = ""] = matchLine(SAMPLE, line);
  if (!NAME.test(name) || !NUMBER.test(value)) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = labelText; rest !== ""; ) {
    const [whole, label = "", quoted = ""] = matchLine(LABEL, rest);
    if (Object.hasOwn(labels, label)) throw new Error(`label ${label} twice: ${line}`);
    labels[label] = quoted.replaceAll(/\\(.)/g, (_, character) => (character === "n" ? "\n" : character));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function checkFamily({ name, help, type, samples }: MetricFamily): void {
  const fail = (what: string): never => {
    throw new Error(`${name}: ${what}`);
  };
  const names = SUFFIXES[type].map((suffix) => name + suffix);
  if (samples.some((sample) => !names.includes(sample.name))) fail("has a sample of another name");
  if (new Set(samples.map(keyOf)).size < samples.length) fail("has one series twice");
  if (new Set(samples.map((sample) => labelNames(sample))).size > SUFFIXES[type].length) fail("labels differ");
  if ((type === "counter") !== name.endsWith("_total")) fail("only counters end in _total, and all of them do");
  if (/_(milli|micro|nano)?seconds_(ms|us|ns)|_ms(_|$)|_(kilo|mega)bytes|_[kmg]i?b(_|$)/i.test(name))
    fail("no base unit");
  if (/\.$/.test(help)) fail("its help ends in a full stop, as no other does");
  if (type !== "gauge" && samples.some(({ value }) => !(value >= 0))) fail("counts below zero");
  if (type === "histogram") checkHistogram(samples, fail);
}

function checkHistogram(samples: readonly Sample[], fail: (what: string) => never): void {
  const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
  const bounds = buckets.map(({ labels }) => Number(labels["le"]?.replace("+Inf", "Infinity")));
  const counts = buckets.map(({ value }) => value);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) fail("has no bucket for all");
  if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? 0)))) fail("its bounds do not rise");
  if (counts.some((count, index) => count < (counts[index - 1] ?? 0))) fail("its buckets fall");
  if (samples.find(({ name }) => name.endsWith("_count"))?.value !== counts.at(-1)) fail("its count is another");
  if (samples.filter(({ name }) => name.endsWith("_sum")).length !== 1) fail("has no sum");
}

const keyOf = ({ name, labels }: Pick<Sample, "name" | "labels">): string =>
  JSON.stringify([name, Object.entries(labels).sort()]);
const labelNames = ({ name, labels }: Sample): string => JSON.stringify([name, Object.keys(labels).sort()]);
