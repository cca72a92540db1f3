import type { CST } from "yaml";
import { Parser } from "yaml";

/** What is wrong at an offset into a text. */
export interface Flaw {
  readonly offset: number;
  readonly message: string;
}

const MAX_DEPTH = 32;

/** A flaw where collections nest deeper than any policy does: composing them recurses, and V8 aborts before it throws. */
export function depthFlaws(text: string): Flaw[] {
  for (const token of new Parser().parse(text)) {
    const open: [CST.Token, number][] = [[token, 0]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [at, depth] = next;
      if (depth > MAX_DEPTH) return [{ offset: at.offset, message: `expected at most ${MAX_DEPTH} levels of nesting` }];
      for (const inner of tokensIn(at)) open.push([inner, depth + 1]);
    }
  }
  return [];
}

function tokensIn(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((each) => each != null));
}
