/** From the name of the main file to the whole configuration, or to everything that is wrong with it. */
import { basename, dirname } from "node:path";
import { unescape as withoutEscapes } from "minimatch";
import { checkUse, type HasFact } from "../policy/table.ts";
import { isModulePath } from "../policy/user-module.ts";
import type { Fault } from "./fault.ts";
import { printable } from "./fault.ts";
import { DEFAULTS } from "./keys.ts";
import type { ParsedPolicy } from "./policy-file.ts";
import { parsePolicyText } from "./policy-file.ts";
import { Sources } from "./sources.ts";
import { applySysctlText, WRITTEN } from "./sysctl-file.ts";
import type { Config, PolicyUse, Settings } from "./types.ts";
import type { Parsed } from "./values.ts";

/** The main file when none is named; then it need not exist. */
export const DEFAULT_CONFIG_FILE = "/etc/badnessd/badnessd.conf";

/** A configuration that is used whole, or not at all. */
export type ReadConfig =
  | { readonly kind: "good"; readonly config: Config }
  | { readonly kind: "bad"; readonly faults: readonly Fault[] };

/**
 * Reads the named main file, or the default one for null, its drop-ins `FILE.d/*.conf`, and the policy files.
 * `overrides` are assignments that hold whatever the files say. What `hasFact` does not know of, no policy may need.
 */
export function readConfig(namedFile: string | null, overrides: readonly string[] = [], hasFact?: HasFact): ReadConfig {
  const sources = new Sources();
  const main = readMain(sources, namedFile);
  const { settings, faults } = readSettings(sources, main, overrides, hasFact);
  const policies = readPolicies(sources, settings.policyFiles, hasFact);
  const all = [...faults, ...sources.faults, ...policies.flatMap((policy) => policy.faults)];
  if (all.length > 0) return { kind: "bad", faults: all };
  const memcgs = policies.flatMap((policy) => policy.memcgs);
  return {
    kind: "good",
    config: {
      settings,
      memcgs,
      processes: policies.flatMap((policy) => policy.processes),
      files: [...sources.files, ...modulesOf([settings.policy, ...memcgs.flatMap(({ policy }) => policy ?? [])])],
      directories: [...sources.directories],
      notes: main.notes,
    },
  };
}

interface Main {
  readonly file: string;
  readonly text: string | null;
  readonly notes: readonly string[];
}

function readMain(sources: Sources, namedFile: string | null): Main {
  const file = namedFile ?? DEFAULT_CONFIG_FILE;
  const { text, isMissing } = sources.text(file);
  if (!isMissing) return { file, text, notes: [] };
  if (namedFile === null) return { file, text, notes: [`${printable(file)} does not exist: the defaults hold`] };
  sources.faults.push({ file, line: 1, column: 1, message: "cannot read it: it does not exist" });
  return { file, text, notes: [] };
}

function readSettings(
  sources: Sources,
  main: Main,
  overrides: readonly string[],
  hasFact: HasFact | undefined,
): { settings: Settings; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  let settings = DEFAULTS;
  const dropIns = sources.find(`${main.file}.d`, "*.conf").map((file) => ({ file, text: sources.text(file).text }));
  const written = overrides.map((text) => ({ file: WRITTEN, text }));
  const checks = new Map([["oom.policy", (changed: Settings) => checkPolicy(changed, hasFact)]]);
  for (const { file, text } of [main, ...dropIns, ...written]) {
    const applied = applySysctlText(settings, file, text ?? "", checks);
    settings = applied.settings;
    for (const fault of applied.faults) faults.push(fault);
  }
  return { settings, faults };
}

function checkPolicy(settings: Settings, hasFact: HasFact | undefined): Parsed<Settings> {
  const checked = checkUse(settings.policy, hasFact);
  if ("use" in checked) return { value: { ...settings, policy: checked.use } };
  return {
    wrong: checked.faults.map(({ key, message }) => (key === null ? message : `${key}: ${message}`)).join("; "),
  };
}

/** A policy that is a module counts anew when it changes. */
function modulesOf(uses: readonly PolicyUse[]): string[] {
  return [...new Set(uses.map(({ name }) => name).filter(isModulePath))];
}

function readPolicies(sources: Sources, globs: readonly string[], hasFact: HasFact | undefined): ParsedPolicy[] {
  const found = globs.flatMap((glob) => sources.find(withoutEscapes(dirname(glob)), basename(glob)));
  // What two globs find is read once, where it was found first.
  return [...new Set(found)].map((file) => parsePolicyText(file, sources.text(file).text ?? "", hasFact));
}
