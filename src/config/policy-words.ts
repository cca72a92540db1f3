/** A policy with its arguments in words: `swap-usage recursive=1 thresholdBytes=4096`, or a path in place of the name. */
import type { PolicyUse, PolicyValue } from "./types.ts";
import type { ValueType } from "./values.ts";
import { wrong } from "./values.ts";
import { printWord, unescapeWord } from "./words.ts";

/** Takes the words apart; whether there is such a policy, and what it takes, is another question. */
export const policyWords: ValueType<PolicyUse> = {
  expected: "the name of a policy, or the path of one, and KEY=VALUE for each argument",
  parse(text) {
    const [name, ...rest] = Array.from(text.matchAll(/[^ \t]+/g));
    if (name === undefined || (name[0].includes("=") && !name[0].startsWith("/")))
      return wrong(policyWords.expected, text);
    const args: Record<string, string> = {};
    for (const word of rest) {
      const equals = word[0].indexOf("=");
      const key = word[0].slice(0, Math.max(0, equals));
      if (key === "") return { ...wrong("KEY=VALUE", word[0]), at: word.index };
      if (Object.hasOwn(args, key)) return { wrong: `expected ${key} once, got it again`, at: word.index };
      args[key] = unescapeWord(word[0].slice(equals + 1));
    }
    return { value: { name: unescapeWord(name[0]), args } };
  },
};

/** The words that are read as this use. */
export function printPolicy({ name, args }: PolicyUse): string {
  const words = Object.entries(args).map(([key, value]) => `${key}=${printWord(printArgument(value))}`);
  return [printWord(name), ...words].join(" ");
}

function printArgument(value: PolicyValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "object" ? value.join(",") : `${value}`;
}
