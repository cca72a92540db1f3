/** The memcgs that can be scrolled to: a tree with parts of it folded, as a list. */
import type { TreeNode } from "../../hierarchy/tree.ts";

/** How siblings are sorted: by name; as they would die; the largest, or the fullest, first. */
export const ORDERS = ["name", "badness", "usage", "fill"] as const;
export type Order = (typeof ORDERS)[number];

export interface Row {
  readonly node: TreeNode;
  /** 0 for the memcg at the top. */
  readonly depth: number;
  readonly isFolded: boolean;
}

/** What siblings are sorted by; what is not asked for costs nothing. */
export interface Measures {
  badness(node: TreeNode): number;
  rssBytes(node: TreeNode): number;
  usageBytes(node: TreeNode): number;
  /** Usage as a part of the limit. */
  fill(node: TreeNode): number;
}

/** The memcg at the top and all below it that is not folded away, parents before children. */
export function rowsOf(
  top: TreeNode,
  { folded, order }: { readonly folded: ReadonlySet<string>; readonly order: Order },
  measures: Measures,
): Row[] {
  const compare = COMPARE[order];
  const rows: Row[] = [];
  // A stack of our own: how deep a tree goes is its owner's to choose.
  const pending = [{ node: top, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth } = next;
    const isFolded = node.children.size > 0 && folded.has(node.path);
    rows.push({ node, depth, isFolded });
    if (isFolded || node.children.size === 0) continue;
    const children = [...node.children.values()].sort((a, b) => compare(b, a, measures) || byName(b, a));
    for (const child of children) pending.push({ node: child, depth: depth + 1 });
  }
  return rows;
}

/** Whether a path is that of a memcg or of one below it. */
export function isBelow(path: string, above: string): boolean {
  return path === above || above === "/" || path.startsWith(`${above}/`);
}

type Compare = (a: TreeNode, b: TreeNode, measures: Measures) => number;

const COMPARE: Record<Order, Compare> = {
  name: () => 0,
  badness: (a, b, of) => of.badness(a) - of.badness(b) || of.rssBytes(b) - of.rssBytes(a),
  usage: (a, b, of) => of.usageBytes(b) - of.usageBytes(a),
  fill: (a, b, of) => of.fill(b) - of.fill(a) || of.usageBytes(b) - of.usageBytes(a),
};

function byName(a: TreeNode, b: TreeNode): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
