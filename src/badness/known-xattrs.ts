import type { TreeNode } from "../hierarchy/tree.ts";
import { type JudgedXattrs, ownerOf, readMemcgXattrs, UNKNOWN_XATTRS } from "./xattrs.ts";

/** The xattrs of every memcg, as far as somebody has read them. */
export interface KnownXattrs {
  of(node: TreeNode): JudgedXattrs;
}

/** Nobody has read any. */
export const NONE_KNOWN: KnownXattrs = { of: () => UNKNOWN_XATTRS };

/** Reads each memcg's when they are first asked for: for commands, and never for the handler. */
export function readWhenAsked(mountPoint: string): KnownXattrs {
  const known = new WeakMap<TreeNode, JudgedXattrs>();
  const directoryOf = ({ parent, path }: TreeNode) => (parent === null ? mountPoint : mountPoint + path);
  return {
    of(node) {
      const before = known.get(node);
      if (before !== undefined) return before;
      const parentOwner = node.parent === null ? null : ownerOf(directoryOf(node.parent));
      const xattrs = readMemcgXattrs(directoryOf(node), parentOwner) ?? UNKNOWN_XATTRS;
      known.set(node, xattrs);
      return xattrs;
    },
  };
}
