import type { Document, Pair } from "yaml";
import { isMap, isScalar, isSeq } from "yaml";

/** Finds where in the text the value, or the key, at a path of a document stands; what is not there is where it would be. */
export class Places {
  readonly #document: Document;
  readonly #targets: ReadonlyMap<unknown, unknown>;
  // A search through the pairs for every rule would take the square of their number.
  readonly #indexes = new Map<unknown, ReadonlyMap<unknown, Pair>>();

  constructor(document: Document, targets: ReadonlyMap<unknown, unknown>) {
    this.#document = document;
    this.#targets = targets;
  }

  /** The offset of the value at the path. */
  ofValue(path: readonly unknown[]): number {
    return this.#follow(path).value;
  }

  /** The offset of the key at the end of the path. */
  ofKey(path: readonly unknown[]): number {
    return this.#follow(path).key;
  }

  #follow(path: readonly unknown[]): { key: number; value: number } {
    let node: unknown = this.#document.contents;
    let place = { key: startOf(node) ?? 0, value: startOf(node) ?? 0 };
    for (const step of path) {
      const inner = this.#step(this.#targets.get(node) ?? node, step);
      if (inner === null) return place;
      node = inner.value;
      const key = startOf(inner.key) ?? startOf(node) ?? place.key;
      place = { key, value: startOf(node) ?? key };
    }
    return place;
  }

  #step(node: unknown, step: unknown): { key: unknown; value: unknown } | null {
    if (isSeq(node)) return { key: null, value: node.items[Number(step)] };
    return isMap(node) ? (this.#indexOf(node.items, node).get(step) ?? null) : null;
  }

  #indexOf(pairs: readonly Pair[], map: unknown): ReadonlyMap<unknown, Pair> {
    const known = this.#indexes.get(map);
    if (known !== undefined) return known;
    const index = new Map(pairs.map((pair) => [isScalar(pair.key) ? pair.key.value : null, pair]));
    this.#indexes.set(map, index);
    return index;
  }
}

function startOf(node: unknown): number | null {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : null;
}
