/**
 * The syntax of sysctl.conf(5): `key = value`, comments with # or ;, a leading - that forgives an unknown key,
 * slashes for dots. Beyond it, a # behind a blank begins a comment too. A later line overrides an earlier one.
 */
import type { Fault } from "./fault.ts";
import { quoted } from "./fault.ts";
import { findKey, KEYS } from "./keys.ts";
import { nulFaults } from "./text.ts";
import type { Settings } from "./types.ts";
import type { Parsed } from "./values.ts";

/** Stands for a file in a fault of what somebody has written with `badnessctl sysctl -w`. */
export const WRITTEN = "sysctl -w";

/** Settings with the assignments of one file applied, and all that is wrong with the file. */
export interface Applied {
  readonly settings: Settings;
  readonly faults: readonly Fault[];
}

interface Assignment {
  readonly name: string;
  readonly nameColumn: number;
  readonly value: string;
  readonly valueColumn: number;
  /** A leading - says that an unknown key is no fault. */
  readonly isForgiven: boolean;
}

interface Wrong {
  readonly column: number;
  readonly message: string;
}

/** A second look at settings that one assignment has changed. */
export type Check = (settings: Settings) => Parsed<Settings>;

/** Applies the text of a file to settings, with a further check for the keys that have one. */
export function applySysctlText(
  before: Settings,
  file: string,
  text: string,
  checks: ReadonlyMap<string, Check> = new Map(),
): Applied {
  const faults: Fault[] = nulFaults(file, text);
  if (faults.length > 0) return { settings: before, faults };
  let settings = before;
  for (const [index, line] of text.split("\n").entries()) {
    const result = applyLine(settings, line, checks);
    if ("settings" in result) settings = result.settings;
    else for (const { column, message } of result.wrongs) faults.push({ file, line: index + 1, column, message });
  }
  return { settings, faults };
}

/** The key that a line assigns to, by its own name where there is such a key. */
export function assignedKey(line: string): string {
  const name = readAssignment(line)?.name ?? line;
  return findKey(name)?.name ?? name;
}

type LineResult = { readonly settings: Settings } | { readonly wrongs: readonly Wrong[] };

function applyLine(settings: Settings, line: string, checks: ReadonlyMap<string, Check>): LineResult {
  const content = line.replace(/\r$/, "");
  if (/^[ \t]*([#;]|$)/.test(content)) return { settings };
  const assignment = readAssignment(content);
  return assignment === null ? { wrongs: [notAnAssignment(content)] } : applyAssignment(settings, assignment, checks);
}

// By position and not by one expression, which could take the square of the length of a hostile line.
function readAssignment(line: string): Assignment | null {
  const equals = line.indexOf("=");
  const isForgiven = line.trimStart().startsWith("-");
  const nameAt = skipBlanks(line, isForgiven ? line.indexOf("-") + 1 : 0);
  if (equals <= nameAt) return null;
  const valueAt = skipBlanks(line, equals + 1);
  const comment = line.slice(equals + 1).search(/[ \t]#/);
  const end = line[valueAt] === "#" ? valueAt : comment < 0 ? line.length : equals + 1 + comment;
  return {
    name: line.slice(nameAt, equals).trimEnd(),
    nameColumn: nameAt + 1,
    value: line.slice(valueAt, end).trimEnd(),
    valueColumn: valueAt + 1,
    isForgiven,
  };
}

function skipBlanks(line: string, from: number): number {
  const rest = line.slice(from);
  return from + rest.length - rest.trimStart().length;
}

function applyAssignment(settings: Settings, assignment: Assignment, checks: ReadonlyMap<string, Check>): LineResult {
  const key = findKey(assignment.name);
  if (key === undefined) return assignment.isForgiven ? { settings } : { wrongs: [unknownKey(assignment)] };
  const parsed = key.apply(settings, assignment.value);
  const applied = "wrong" in parsed ? parsed : (checks.get(key.name)?.(parsed.value) ?? parsed);
  if (!("wrong" in applied)) return { settings: applied.value };
  const all = [applied, ...(applied.also ?? [])];
  return {
    wrongs: all.map(({ wrong, at = 0 }) => ({
      column: assignment.valueColumn + at,
      message: `${key.name}: ${wrong}`,
    })),
  };
}

function notAnAssignment(line: string): Wrong {
  return { column: line.search(/[^ \t]/) + 1, message: `expected KEY = VALUE, got ${quoted(line.trim())}` };
}

function unknownKey({ name, nameColumn }: Assignment): Wrong {
  const known = KEYS.map((key) => key.name).join(", ");
  return { column: nameColumn, message: `unknown key ${quoted(name)}, expected one of ${known}` };
}
