/**
 * What YAML allows and a policy file must not: files that grow when they are read, keys that are not
 * plain text, the same key twice, and keys that JavaScript would take for its own.
 */
import type { Alias, Document, Pair, YAMLMap } from "yaml";
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq } from "yaml";
import { quoted } from "./fault.ts";
import type { Flaw } from "./yaml-depth.ts";

// Generous to a person who writes anchors by hand, and nothing to a machine.
const MAX_ALIASED_NODES = 100_000;
const MERGE = "<<";

/** A node with what it stands for once every alias in it is followed. */
interface Anchored {
  readonly node: unknown;
  readonly size: number;
}

/** The flaws in the structure of a document, and where its aliases lead. */
export interface Structure {
  readonly flaws: readonly Flaw[];
  readonly targets: ReadonlyMap<unknown, unknown>;
}

/** Walks a document once, in its own order, in which an anchor stands before its aliases. */
export function examineStructure(document: Document): Structure {
  const walk = new Walk();
  walk.size(document.contents);
  return walk;
}

class Walk implements Structure {
  readonly flaws: Flaw[] = [];
  readonly targets = new Map<unknown, unknown>();
  readonly #anchors = new Map<string, Anchored>();
  #aliased = 0;

  /** Counts the nodes that a node stands for. */
  size(node: unknown): number {
    if (isAlias(node)) return this.#sizeOfAlias(node);
    if (isPair(node)) return this.size(node.key) + this.size(node.value);
    if (isMap(node)) this.#checkKeys(node);
    const inside = isCollection(node) ? node.items : [];
    const size = inside.reduce<number>((sum, item) => sum + this.size(item), 1);
    if ((isCollection(node) || isScalar(node)) && node.anchor) this.#anchors.set(node.anchor, { node, size });
    return size;
  }

  #sizeOfAlias(alias: Alias): number {
    const anchored = this.#anchors.get(alias.source);
    // Not yet in the table while the walk is inside it: an alias to what it stands in ends here too.
    if (anchored === undefined) return this.#report(alias, `alias ${quoted(alias.source)} has no anchor before it`);
    this.targets.set(alias, anchored.node);
    const before = this.#aliased;
    this.#aliased += anchored.size;
    const isFirstAbove = before <= MAX_ALIASED_NODES && this.#aliased > MAX_ALIASED_NODES;
    if (isFirstAbove) this.#report(alias, `aliases stand for more than ${MAX_ALIASED_NODES} values`);
    return anchored.size;
  }

  #checkKeys(map: YAMLMap): void {
    const seen = new Set<string>();
    for (const pair of map.items) {
      const key = textOf(pair);
      if (key === MERGE) this.#checkMerge(pair);
      if (key === null) this.#report(pair.key, "expected a key that is plain text");
      else if (key in Object.prototype) this.#report(pair.key, `unknown key ${quoted(key)}`);
      else if (seen.has(key)) this.#report(pair.key, `duplicate key ${quoted(key)}`);
      else seen.add(key);
    }
  }

  #checkMerge({ value }: Pair): void {
    for (const source of isSeq(value) ? value.items : [value]) {
      const target = isAlias(source) ? this.#anchors.get(source.source)?.node : source;
      if (!isMap(target)) this.#report(source, "expected a mapping to merge");
    }
  }

  #report(node: unknown, message: string): number {
    const range = isAlias(node) || isScalar(node) || isCollection(node) ? node.range : null;
    this.flaws.push({ offset: range?.[0] ?? 0, message });
    return 1;
  }
}

function textOf(pair: Pair): string | null {
  const key = isScalar(pair.key) ? pair.key.value : null;
  // yaml gives the key of a merge as a symbol of this name.
  if (typeof key === "symbol") return MERGE;
  return typeof key === "string" ? key : null;
}
