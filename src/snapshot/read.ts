import * as v from "valibot";
import { quoted } from "../config/fault.ts";
import { absolutePath } from "../config/path-spelling.ts";
import { snapshotSchema } from "./schema.ts";
import type { Snapshot } from "./types.ts";
import { readYaml, type TextFault, type YamlText } from "./yaml-text.ts";

/** A snapshot, or everything that is wrong with its text. */
export type SnapshotOrFaults = { readonly snapshot: Snapshot } | { readonly faults: readonly TextFault[] };

/** Reads the text of a snapshot, in YAML or JSON. */
export function parseSnapshot(text: string): SnapshotOrFaults {
  const yaml = readYaml(text);
  if (!("value" in yaml)) return { faults: yaml };
  const result = v.safeParse(snapshotSchema, yaml.value);
  const faults = [...(result.issues ?? []).map((issue) => faultOf(yaml, issue)), ...repetitions(yaml)];
  if (!result.success || faults.length > 0) return { faults: faults.sort(byPlace) };
  return { snapshot: result.output };
}

function faultOf(yaml: YamlText, issue: v.BaseIssue<unknown>): TextFault {
  const path = (issue.path ?? []).map((item) => item.key);
  const key = path.findLast((each) => typeof each === "string");
  if (key === undefined) return yaml.faultAt(path, `expected ${issue.message}, got ${describe(issue.input)}`);
  // To the schema a missing key is a fault of the map that it is missing from.
  if (issue.type === "loose_object" && issue.input === undefined) return yaml.faultAt(path, `expected key ${key}`);
  return yaml.faultAt(path, `${key}: expected ${issue.message}, got ${describe(issue.input)}`);
}

/** Two lines about one pid or one memcg: nobody could say which of them holds. */
function repetitions(yaml: YamlText): TextFault[] {
  return [...repeated(yaml, "memcgs", "path"), ...repeated(yaml, "tasks", "pid")];
}

function repeated(yaml: YamlText, list: "memcgs" | "tasks", key: "path" | "pid"): TextFault[] {
  const entries = property(yaml.value, list);
  if (!Array.isArray(entries)) return [];
  const seen = new Set<unknown>();
  return entries.flatMap((entry: unknown, index) => {
    const value = onePathSpelling(property(entry, key));
    const isNew = value === undefined || !seen.has(value);
    seen.add(value);
    return isNew ? [] : [yaml.faultAt([list, index, key], `${key}: expected ${describe(value)} once, got it again`)];
  });
}

function onePathSpelling(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parsed = absolutePath.parse(value);
  return "value" in parsed ? parsed.value : value;
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return quoted(value);
  return typeof value === "object" && value !== null ? "a map" : String(value);
}

function byPlace(a: TextFault, b: TextFault): number {
  return a.line - b.line || a.column - b.column;
}
