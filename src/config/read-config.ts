/** From the name of the main file to the whole configuration, or to everything that is wrong with it. */
import { basename, dirname } from "node:path";
import { unescape as withoutEscapes } from "minimatch";
import type { Fault } from "./fault.ts";
import { printable } from "./fault.ts";
import { DEFAULTS } from "./keys.ts";
import type { ParsedPolicy } from "./policy-file.ts";
import { parsePolicyText } from "./policy-file.ts";
import { Sources } from "./sources.ts";
import { applySysctlText } from "./sysctl-file.ts";
import type { Config, Settings } from "./types.ts";

/** The main file when none is named; then it need not exist. */
export const DEFAULT_CONFIG_FILE = "/etc/badnessd/badnessd.conf";

/** A configuration that is used whole, or not at all. */
export type ReadConfig =
  | { readonly kind: "good"; readonly config: Config }
  | { readonly kind: "bad"; readonly faults: readonly Fault[] };

/**
 * Reads the named main file, or the default one for null, its drop-ins `FILE.d/*.conf`, and the policy files.
 * `overrides` are assignments that hold whatever the files say.
 */
export function readConfig(namedFile: string | null, overrides: readonly string[] = []): ReadConfig {
  const sources = new Sources();
  const main = readMain(sources, namedFile);
  const { settings, faults } = readSettings(sources, main, overrides);
  const policies = readPolicies(sources, settings.policyFiles);
  const all = [...faults, ...sources.faults, ...policies.flatMap((policy) => policy.faults)];
  if (all.length > 0) return { kind: "bad", faults: all };
  return {
    kind: "good",
    config: {
      settings,
      memcgs: policies.flatMap((policy) => policy.memcgs),
      processes: policies.flatMap((policy) => policy.processes),
      files: [...sources.files],
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
): { settings: Settings; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  let settings = DEFAULTS;
  const dropIns = sources.find(`${main.file}.d`, "*.conf").map((file) => ({ file, text: sources.text(file).text }));
  const written = { file: "sysctl -w", text: overrides.join("\n") };
  for (const { file, text } of [main, ...dropIns, written]) {
    const applied = applySysctlText(settings, file, text ?? "");
    settings = applied.settings;
    for (const fault of applied.faults) faults.push(fault);
  }
  return { settings, faults };
}

function readPolicies(sources: Sources, globs: readonly string[]): ParsedPolicy[] {
  const found = globs.flatMap((glob) => sources.find(withoutEscapes(dirname(glob)), basename(glob)));
  // What two globs find is read once, where it was found first.
  return [...new Set(found)].map((file) => parsePolicyText(file, sources.text(file).text ?? ""));
}
