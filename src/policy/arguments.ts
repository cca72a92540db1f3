/** Arguments of a policy, from text to values of their types. */
import type { ArgumentSpec, ArgumentSpecs, Policy, ValuesOf } from "../../policies/contract.ts";
import { quoted } from "../config/fault.ts";
import { absolutePath } from "../config/path-spelling.ts";
import type { PolicyValue } from "../config/types.ts";
import { integer, oneOf, type Parsed, type ValueType, wrong } from "../config/values.ts";

/** An argument that the engine takes for every policy. */
export type CommonSpec = ArgumentSpec | { readonly type: "globs"; readonly summary: string; readonly default: null };

/**
 * The engine's own, the same for all, as oomd has them. `recursive` is on by itself but for the policies that walk over
 * memcgs, as oomd's.
 */
export const COMMON = {
  cgroup: {
    type: "globs",
    default: null,
    summary: "memcgs that stand on the first level, wherever they are, and nobody beside them",
  },
  recursive: {
    type: "flag",
    default: true,
    summary: "go down into the memcg that was taken; without it all of it dies",
  },
  dry: { type: "flag", default: false, summary: "say whom it would have killed, and let the next policy decide" },
  debug: { type: "flag", default: false, summary: "tell of every candidate, however many there are" },
  postActionDelayMs: {
    type: "integer",
    from: 0,
    to: 2 ** 31 - 1,
    default: 0,
    summary: "kill nobody else for so long, and never longer than the delay",
  },
} as const satisfies Readonly<Record<string, CommonSpec>>;

/** What is wrong with an argument; with `key` null, something else. */
export interface ArgumentFault {
  readonly key: string | null;
  /** It is the name that is wrong, not the value. */
  readonly isAboutKey: boolean;
  readonly message: string;
}

export type ParsedArguments =
  | { readonly values: Readonly<Record<string, PolicyValue>> }
  | { readonly faults: readonly ArgumentFault[] };

/** Each argument that was written as its type says; no defaults are filled in. */
export function parseArguments(own: ArgumentSpecs, written: Readonly<Record<string, unknown>>): ParsedArguments {
  const specs: Readonly<Record<string, CommonSpec>> = { ...own, ...COMMON };
  const values: Record<string, PolicyValue> = {};
  const faults: ArgumentFault[] = [];
  for (const [key, text] of Object.entries(written)) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    const parsed = spec === undefined ? unknown(key, Object.keys(specs)) : typeOf(spec).parse(textOf(text));
    if ("value" in parsed) values[key] = parsed.value;
    else faults.push({ key, isAboutKey: spec === undefined, message: parsed.wrong });
  }
  return faults.length > 0 ? { faults } : { values };
}

/** The arguments that are the policy's own, all of them: what was written, and the defaults. */
export function ownArguments(policy: Policy, values: Readonly<Record<string, PolicyValue>>): ValuesOf<ArgumentSpecs> {
  const specs = Object.entries(policy.arguments ?? {});
  // They have been checked: only the engine's own may be a list.
  return Object.fromEntries(
    specs.map(([key, spec]) => [key, (values[key] as string | number | boolean | undefined) ?? spec.default]),
  );
}

/** What a user may write for an argument, in words. */
export function expectedFor(spec: CommonSpec): string {
  return typeOf(spec).expected;
}

/** Records have values where files have text. */
function textOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return Array.isArray(value) ? value.join(",") : String(value);
}

function unknown(key: string, known: readonly string[]): { readonly wrong: string } {
  return { wrong: `unknown argument ${quoted(key)}, expected one of ${known.join(", ")}` };
}

function typeOf(spec: CommonSpec): ValueType<PolicyValue> {
  switch (spec.type) {
    case "integer":
      return integer(spec.from, spec.to);
    case "number":
      return numberBetween(spec.from, spec.to);
    case "flag":
      return FLAG;
    case "choice":
      return oneOf(...spec.of);
    case "globs":
      return GLOBS;
    case "text":
      return { expected: "text", parse: (text) => ({ value: text }) };
  }
}

const FLAG: ValueType<boolean> = {
  expected: "0, 1, true or false",
  parse: (text) =>
    /^([01]|true|false)$/.test(text) ? { value: text === "1" || text === "true" } : wrong(FLAG.expected, text),
};

const GLOBS: ValueType<readonly string[]> = {
  expected: "globs that begin with /, commas between them",
  parse(text) {
    const parsed: Parsed<string>[] = text.split(",").map((glob) => absolutePath.parse(glob.trim()));
    const globs = parsed.flatMap((each) => ("value" in each ? each.value : []));
    return globs.length === parsed.length ? { value: globs } : wrong(GLOBS.expected, text);
  },
};

function numberBetween(from: number, to: number): ValueType<number> {
  const expected = `a number ${from}..${to}`;
  return {
    expected,
    parse(text) {
      const value = /^(0|[1-9]\d{0,15})(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
      return value >= from && value <= to ? { value } : wrong(expected, text);
    },
  };
}
