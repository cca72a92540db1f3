import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { killOf, Reported } from "../support/figures.ts";
import { type MetricFamily, parsePrometheusText } from "../support/prometheus-text.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const dashboard = JSON.parse(read("deploy/grafana/badnessd.json")) as Dashboard;
/** What Prometheus itself puts on every series. */
const FROM_PROMETHEUS = ["instance", "job"];

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets: readonly Target[] }[];
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] };
}
interface Target {
  readonly expr: string;
  readonly refId: string;
}

let families: Map<string, MetricFamily>;

beforeAll(async () => {
  const reported = new Reported();
  reported.report(killOf("/jobs", "/jobs/a", 1));
  families = parsePrometheusText(await reported.text());
});

const labelsOf = ({ samples }: MetricFamily) =>
  [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== "le");

test("docs/metrics.md has every metric with its type and labels, and no other", () => {
  const rows = read("docs/metrics.md").matchAll(/^\| `(badnessd_\w+)` *\| (\w+) *\| ([^|]*)\|/gm);
  const documented = Array.from(rows, ([, name, type, labels = ""]) => {
    return [name, type, Array.from(labels.matchAll(/`(\w+)`/g), ([, label]) => label)];
  });
  expect(documented).toEqual([...families.values()].map((family) => [family.name, family.type, labelsOf(family)]));
});

test("nothing in the documentation is called a metric that is none", () => {
  for (const file of ["docs/metrics.md", "README.md", "docs/on-kill.md"]) {
    for (const [name] of read(file).matchAll(/\bbadnessd_[a-z_]+/g)) expect(families.has(name)).toBe(true);
  }
});

/** A series by the name that an expression calls it: of a histogram there are three. */
function familyOf(name: string): MetricFamily | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  const family = families.get(name) ?? families.get(base);
  return family?.samples.some((sample) => sample.name === name) === true ? family : undefined;
}

test.each(
  dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr, refId }) => [title, refId, expr] as const)),
)("the dashboard's %s, %s asks for what there is", (_, _ref, expr) => {
  const selectors = [...expr.matchAll(/\b(badnessd_\w+)(?:\{([^}]*)\})?/g)];
  expect(selectors.length).toBeGreaterThan(0);
  const known = new Set([...FROM_PROMETHEUS, "le"]);
  for (const [, name = "", matchers = ""] of selectors) {
    const family = familyOf(name);
    expect(family, name).toBeDefined();
    const own = family === undefined ? [] : labelsOf(family);
    for (const label of own) known.add(label);
    for (const [, label = ""] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)/g)) {
      expect([...own, ...FROM_PROMETHEUS]).toContain(label);
    }
  }
  for (const [, list = ""] of expr.matchAll(/\b(?:by|on|group_left|without)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(",")) expect([...known]).toContain(label.trim());
  }
});

test("the dashboard shows every metric, asks every instance, and numbers its panels apart", () => {
  const asked = JSON.stringify(dashboard);
  for (const name of families.keys()) expect(asked).toContain(name);
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { query } of dashboard.templating.list) {
    const [, name] = /label_values\((\w+),/.exec(typeof query === "string" ? query : query.query) ?? [];
    if (name !== undefined) expect(familyOf(name)).toBeDefined();
  }
});
