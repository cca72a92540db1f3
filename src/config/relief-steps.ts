import { amountBytes, printAmount } from "./amounts.ts";
import type { ReliefStep } from "./types.ts";
import type { NotParsed, Parsed, ValueType } from "./values.ts";
import { together, wrong } from "./values.ts";

const NONE = "none";

/** What is tried before anybody dies, in this order: `reclaim lend:64M`. */
export const reliefSteps: ValueType<readonly ReliefStep[]> = {
  expected: 'reclaim, lend:AMOUNT in K, M or G, blanks between them, or "none"',
  parse: (text) => {
    const steps: ReliefStep[] = [];
    const wrongs: NotParsed[] = [];
    if (text === NONE) return { value: steps };
    for (const word of text.matchAll(/[^ \t]+/g)) {
      const parsed = parseStep(word[0]);
      if ("wrong" in parsed) wrongs.push({ ...parsed, at: word.index });
      else if (!steps.some(({ step }) => step === parsed.value.step)) steps.push(parsed.value);
      else wrongs.push({ wrong: `expected ${parsed.value.step} at most once`, at: word.index });
    }
    return together(wrongs) ?? { value: steps };
  },
};

/** The text that `reliefSteps` reads as these. */
export function printReliefSteps(steps: readonly ReliefStep[]): string {
  const words = steps.map((each) => (each.step === "lend" ? `lend:${printAmount(each.bytes)}` : each.step));
  return words.join(" ") || NONE;
}

function parseStep(word: string): Parsed<ReliefStep> {
  if (word === "reclaim") return { value: { step: "reclaim" } };
  const bytes = word.startsWith("lend:") ? amountBytes(word.slice("lend:".length)) : null;
  return bytes === null ? wrong(reliefSteps.expected, word) : { value: { step: "lend", bytes } };
}
