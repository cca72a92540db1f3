/** What YAML allows and could hurt whoever reads it: too much, too deep, and the same key twice. */
import type { CST, Document } from "yaml";
import { isNode, isScalar, Lexer, visit } from "yaml";

/** What is wrong at an offset into a text. */
export interface Flaw {
  readonly offset: number;
  readonly message: string;
}

/** About 500 bytes of memory each; some 50,000 processes. */
const MAX_TOKENS = 2_000_000;
/** Composing recurses, and V8 aborts the process where it should throw. */
const MAX_DEPTH = 64;

/** A flaw if the text is more than can be parsed in a reasonable amount of memory. */
export function sizeFlaws(text: string): Flaw[] {
  let count = 0;
  for (const _ of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS) return [{ offset: 0, message: `expected at most ${MAX_TOKENS} tokens` }];
  }
  return [];
}

/** A flaw where lists and maps are first found nested too deep. */
export function depthFlaws(tokens: readonly CST.Token[]): Flaw[] {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH)
      return [{ offset: token.offset, message: `expected at most ${MAX_DEPTH} levels of nesting` }];
    for (const inner of tokensIn(token)) open.push({ token: inner, depth: depth + 1 });
  }
  return [];
}

function tokensIn(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((each) => each != null));
}

/** A flaw for every key that its map has already; the check that the library has takes the square of their number. */
export function repeatedKeyFlaws(document: Document): Flaw[] {
  const flaws: Flaw[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const offset = isNode(key) ? key.range?.[0] : undefined;
        if (seen.has(name)) flaws.push({ offset: offset ?? 0, message: `expected key ${JSON.stringify(name)} once` });
        seen.add(name);
      }
    },
  });
  return flaws;
}
