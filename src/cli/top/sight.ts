/** What `top` sees at one moment. What nobody asks for is not read: only the rows on the screen cost anything. */
import type { TreeNode } from "../../hierarchy/tree.ts";
import type { Victim } from "../../select/types.ts";
import type { TreeLine } from "../tree.ts";
import type { DaemonSight } from "./listener.ts";
import type { Measures } from "./rows.ts";

export interface Sight extends Measures {
  /** The memcg with this path, or the nearest above it that is there. */
  nearest(path: string): TreeNode;
  /** Who would die if this memcg were out of memory now. */
  next(top: TreeNode): Next;
  /** All that is shown of a memcg, but for who is next. */
  line(node: TreeNode): TreeLine | Unreadable;
  readonly daemon: DaemonSight;
}

export interface Next {
  /** Null: nobody may be killed. */
  readonly victim: Victim | null;
  /** Name of the policy that has decided; null: the built-in one. */
  readonly policy: string | null;
  /** Why it is not known, in words. */
  readonly unknown?: string;
}

/** What cannot be read, as what belongs to others: why. */
export interface Unreadable {
  readonly unreadable: string;
}
