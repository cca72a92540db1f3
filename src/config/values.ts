/**
 * Values as text, strictly: what is written is what is meant. No blanks, signs, fractions, exponents,
 * leading zeros or 0x, so that no two readers of a file can disagree about a number.
 */
import type { KillUnit } from "../hierarchy/types.ts";
import { PROTECTED } from "../hierarchy/types.ts";
import { quoted } from "./fault.ts";
import type { LivelockMode, LogFormat, LogLevel, SilentMode } from "./types.ts";

/** The longest delay, as long as a timer of Node can be. */
const MAX_DELAY_MS = 2 ** 31 - 1;
const MAX_TIMEOUT_MS = 600_000;
/** 2^32-1 is no user: it means "leave as it is" to chown(2). */
const MAX_UID = 2 ** 32 - 2;

/** What is longer belongs into a script. */
const MAX_COMMAND_CHARACTERS = 4096;

/** What is wrong with a text, `at` characters into it, and of a list what `also` is. */
export interface NotParsed {
  readonly wrong: string;
  readonly at?: number;
  readonly also?: readonly NotParsed[];
}

/** A value, or what is wrong with the text. */
export type Parsed<T> = { readonly value: T } | NotParsed;

/** A parser with the words for what it takes. */
export interface ValueType<T> {
  readonly expected: string;
  parse(text: string): Parsed<T>;
}

/** Badness: an integer 0..10000, or `never` for 10000. */
export const badness: ValueType<number> = {
  expected: `an integer 0..${PROTECTED} or "never"`,
  parse: (text) => {
    const value = text === "never" ? PROTECTED : wholeNumber(text);
    return value !== null && value <= PROTECTED ? { value } : wrong(badness.expected, text);
  },
};

/** Milliseconds that a timer can wait. */
export const milliseconds: ValueType<number> = integer(0, MAX_DELAY_MS, "milliseconds");

/** Milliseconds that something of the operator's own may take. */
export const timeout: ValueType<number> = integer(1, MAX_TIMEOUT_MS, "milliseconds");

/** What /bin/sh makes something of; nothing for none. */
export const commandLine: ValueType<string> = {
  expected: "a command line for /bin/sh",
  parse: (text) => ({ value: text }),
};

/** A user id. */
export const uid: ValueType<number> = integer(0, MAX_UID, "a user id");

/** A command, for /bin/sh to read. */
export const command: ValueType<string> = {
  expected: `a command of 1..${MAX_COMMAND_CHARACTERS} characters`,
  parse: (text) =>
    text.trim() !== "" && text.length <= MAX_COMMAND_CHARACTERS ? { value: text } : wrong(command.expected, text),
};

/** What dies when the choice falls on a memcg. */
export const killUnit: ValueType<KillUnit> = oneOf("process", "group");

/** What is done about a livelock. */
export const livelockMode: ValueType<LivelockMode> = oneOf("report", "wider", "hand-back");

/** What is done about a silent OOM. */
export const silentMode: ValueType<SilentMode> = oneOf("report", "handle");

export const logLevel: ValueType<LogLevel> = oneOf("error", "warn", "info", "debug");

export const logFormat: ValueType<LogFormat> = oneOf("human", "json");

/** A switch, as sysctl spells it. */
export const flag: ValueType<boolean> = {
  expected: "0 or 1",
  parse: (text) => (text === "0" || text === "1" ? { value: text === "1" } : wrong(flag.expected, text)),
};

/** A share of the time. */
export const share: ValueType<string> = {
  expected: "a share 1%..100%",
  parse: (text) => (/^([1-9][0-9]?|100)%$/.test(text) ? { value: text } : wrong(share.expected, text)),
};

/** The fault for a value that is not what was expected. */
export function wrong(expected: string, text: string): { wrong: string } {
  return { wrong: `expected ${expected}, got ${text === "" ? "nothing" : quoted(text)}` };
}

/** One of these words. */
export function oneOf<T extends string>(...words: readonly T[]): ValueType<T> {
  const quotedWords = words.map((word) => `"${word}"`);
  const expected = `${quotedWords.slice(0, -1).join(", ")} or ${quotedWords.at(-1)}`;
  return {
    expected,
    parse: (text) => {
      const value = words.find((word) => word === text);
      return value === undefined ? wrong(expected, text) : { value };
    },
  };
}

/** A whole number, and what it is. */
export function integer(least: number, most: number, what?: string): ValueType<number> {
  const expected = `${what === undefined ? "" : `${what}, `}an integer ${least}..${most}`;
  return {
    expected,
    parse: (text) => {
      const value = wholeNumber(text);
      return value !== null && value >= least && value <= most ? { value } : wrong(expected, text);
    },
  };
}

function wholeNumber(text: string): number | null {
  return /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : null;
}

/** All that is wrong as one: null if nothing is. */
export function together(wrongs: readonly NotParsed[]): NotParsed | null {
  const [first, ...also] = wrongs;
  return first === undefined || also.length === 0 ? (first ?? null) : { ...first, also };
}
