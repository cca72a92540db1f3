/** YAML read with suspicion: every fault has its place, and no text makes us hang, swell or overflow. */
import type { Document, ScalarTag, Tags } from "yaml";
import { Composer, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, Parser } from "yaml";
import { depthFlaws, type Flaw, repeatedKeyFlaws, sizeFlaws } from "./yaml-guards.ts";

/** What is wrong with a text, and where. Line and column count from 1. */
export interface TextFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A text that is YAML: its value, and a way to say where in it something is wrong. */
export interface YamlText {
  readonly value: unknown;
  faultAt(path: readonly unknown[], message: string): TextFault;
}

const MAX_ALIASES = 100;

/** Plain decimal. What two readers of YAML may take for different numbers (010, 0x10, 1_0, 1e1) stays text. */
const INTEGER: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  identify: (value) => typeof value === "number",
  test: /^(?:0|-?[1-9][0-9]*)$/,
  resolve: Number,
};

/** The value of a YAML text, or everything that is wrong with it as YAML. */
export function readYaml(text: string): YamlText | readonly TextFault[] {
  const lines = new LineCounter();
  const faultOf = ({ offset, message }: Flaw): TextFault => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  const document = compose(text, lines);
  if (!("contents" in document)) return document.map(faultOf);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, faultAt: (path, message) => faultOf({ offset: offsetOf(document, path), message }) };
  } catch (error) {
    // An alias without an anchor, or aliases of aliases that multiply.
    if (error instanceof ReferenceError) return [faultOf({ offset: 0, message: error.message })];
    throw error;
  }
}

function compose(text: string, lines: LineCounter): Document | readonly Flaw[] {
  const tooMuch = sizeFlaws(text);
  if (tooMuch.length > 0) return tooMuch;
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = depthFlaws(tokens);
  if (tooDeep.length > 0) return tooDeep;
  const nul = text.indexOf("\0");
  if (nul >= 0) return [{ offset: nul, message: "expected text, got a NUL byte" }];
  const composer = new Composer({
    logLevel: "error",
    uniqueKeys: false,
    schema: "core",
    customTags: withPlainIntegers,
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (document === undefined) return [{ offset: 0, message: "expected a document" }];
  const flaws = document.errors.map((error) => ({ offset: error.pos[0], message: error.message }));
  if (second) flaws.push({ offset: second.range[0], message: "expected one document, got another" });
  flaws.push(...repeatedKeyFlaws(document));
  return flaws.length > 0 ? flaws : document;
}

function withPlainIntegers(tags: Tags): Tags {
  const isNumeric = (tag: Tags[number]) => typeof tag === "object" && /:(?:int|float)$/.test(tag.tag);
  return [...tags.filter((tag) => !isNumeric(tag)), INTEGER];
}

/** Where the node at this path begins, or the last one on the way to it that exists. */
function offsetOf(document: Document, path: readonly unknown[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const key of path) {
    // What an alias stands for is elsewhere; the fault is where it is used.
    node = inside(isAlias(node) ? node.resolve(document) : node, key);
    if (!isNode(node)) break;
    offset = node.range?.[0] ?? offset;
  }
  return offset;
}

function inside(node: unknown, key: unknown): unknown {
  if (isSeq(node)) return node.items[Number(key)];
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)?.value;
}
