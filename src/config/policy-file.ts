/** A policy file: YAML text in, rules out, or everything that is wrong with it. */
import type { GenericIssue } from "valibot";
import { safeParse } from "valibot";
import type { YAMLError } from "yaml";
import { LineCounter, parseDocument } from "yaml";
import { checkUse, type HasFact } from "../policy/table.ts";
import type { Fault } from "./fault.ts";
import { printable, quoted } from "./fault.ts";
import { absolutePath } from "./path-spelling.ts";
import { policySchema, policyUseSchema } from "./schema.ts";
import { nulFaults } from "./text.ts";
import type { MemcgRule, ProcessRule } from "./types.ts";
import type { Flaw } from "./yaml-depth.ts";
import { depthFlaws } from "./yaml-depth.ts";
import { Places } from "./yaml-places.ts";
import { examineStructure } from "./yaml-structure.ts";

/** The rules of one file; none if there are faults. */
export interface ParsedPolicy {
  readonly memcgs: readonly MemcgRule[];
  readonly processes: readonly ProcessRule[];
  readonly faults: readonly Fault[];
}

type MemcgEntry = Omit<MemcgRule, "glob" | "where">;

interface Entries {
  readonly memcgs: Readonly<Record<string, MemcgEntry>>;
  readonly processes: readonly Omit<ProcessRule, "where">[];
}

type Read = { readonly entries: Entries; readonly places: Places } | { readonly flaws: readonly Flaw[] };

/** Parses the text of a policy file; policies that it names must do on a machine that has these facts. */
export function parsePolicyText(file: string, text: string, hasFact?: HasFact): ParsedPolicy {
  const nul = nulFaults(file, text);
  if (nul.length > 0) return { memcgs: [], processes: [], faults: nul };
  const lines = linesOf(text);
  const read = readPolicy(text, hasFact);
  if ("entries" in read)
    return rulesOf(read.entries, (path) => `${file}:${lines.linePos(read.places.ofKey(path)).line}`);
  const inOrder = read.flaws.toSorted((a, b) => a.offset - b.offset);
  const faults = inOrder.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, message };
  });
  return { memcgs: [], processes: [], faults };
}

function readPolicy(text: string, hasFact: HasFact | undefined): Read {
  const deep = depthFlaws(text);
  if (deep.length > 0) return { flaws: deep };
  // "failsafe" leaves every scalar the text it is: no 0x10, 1e999, .inf, yes or null behind our back.
  // Unique keys are checked below, in linear time.
  const document = parseDocument(text, { schema: "failsafe", merge: true, prettyErrors: false, uniqueKeys: false });
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0) return { flaws: unreadable.map(flawOfYaml) };
  const structure = examineStructure(document);
  if (structure.flaws.length > 0) return { flaws: structure.flaws };
  const places = new Places(document, structure.targets);
  // The structure bounds what aliases stand for more tightly than a count of them could.
  const written: unknown = document.toJS({ maxAliasCount: -1 }) || {};
  const result = safeParse(policySchema, written);
  if (!result.success) {
    const issues = result.issues.map((each) => flawOfIssue(each, places));
    return { flaws: [...issues, ...checkUses(usesWithin(written), places, hasFact).flaws] };
  }
  const { memcgs, flaws } = checkUses(result.output.memcgs || {}, places, hasFact);
  return flaws.length > 0 ? { flaws } : { entries: { memcgs, processes: result.output.processes || [] }, places };
}

/** The policies in what is no policy file as a whole: what is wrong with them is said along with the rest. */
function usesWithin(written: unknown): Record<string, MemcgEntry> {
  const { memcgs } = written as { readonly memcgs?: Readonly<Record<string, { readonly policy?: unknown }>> };
  const uses = Object.entries(memcgs ?? {}).flatMap(([glob, rule]): [string, MemcgEntry][] => {
    const use = safeParse(policyUseSchema, rule?.policy);
    return use.success ? [[glob, { policy: use.output }]] : [];
  });
  return Object.fromEntries(uses);
}

/** The rules with the arguments of their policies in their types. */
function checkUses(
  rules: Readonly<Record<string, MemcgEntry>>,
  places: Places,
  hasFact: HasFact | undefined,
): { readonly memcgs: Record<string, MemcgEntry>; readonly flaws: readonly Flaw[] } {
  const flaws: Flaw[] = [];
  const memcgs = Object.entries(rules).map(([glob, rule]): [string, MemcgEntry] => {
    const checked = rule.policy === undefined ? null : checkUse(rule.policy, hasFact);
    if (checked !== null && "use" in checked) return [glob, { ...rule, policy: checked.use }];
    for (const { key, isAboutKey, message } of checked?.faults ?? []) {
      const path = ["memcgs", glob, "policy", key ?? "name"];
      flaws.push({ offset: isAboutKey ? places.ofKey(path) : places.ofValue(path), message });
    }
    return [glob, rule];
  });
  return { memcgs: Object.fromEntries(memcgs), flaws };
}

function flawOfYaml({ code, message, pos }: YAMLError): Flaw {
  if (code === "MULTIPLE_DOCS") return { offset: pos[0], message: "expected one document, got another" };
  // It may quote the file, and at any length.
  return { offset: pos[0], message: printable(message.slice(0, 200)) };
}

function flawOfIssue(issue: GenericIssue, places: Places): Flaw {
  const path = (issue.path ?? []).map((item) => item.key);
  if (issue.type === "never") {
    return { offset: places.ofKey(path), message: `unknown key ${quoted(String(path.at(-1)))}, ${issue.message}` };
  }
  const isAboutKey = issue.path?.at(-1)?.origin === "key";
  return { offset: isAboutKey ? places.ofKey(path) : places.ofValue(path), message: issue.message };
}

function rulesOf(entries: Entries, where: (path: readonly unknown[]) => string): ParsedPolicy {
  const memcgs = Object.entries(entries.memcgs).map(([key, rule]): MemcgRule => {
    return { glob: normal(key), ...rule, where: where(["memcgs", key]) };
  });
  const processes = entries.processes.map((rule, index): ProcessRule => {
    return { ...rule, where: where(["processes", index]) };
  });
  return { memcgs, processes, faults: [] };
}

// The schema has let it through, so it parses; keys are kept as written until here to find their places.
function normal(path: string): string {
  const parsed = absolutePath.parse(path);
  return "value" in parsed ? parsed.value : path;
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  return lines;
}
