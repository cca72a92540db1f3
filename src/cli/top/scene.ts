import type { TreeNode } from "../../hierarchy/tree.ts";
import type { Next, Sight } from "./sight.ts";
import type { TopState } from "./state.ts";

/** What all lines of one frame are made from. */
export interface Scene {
  readonly state: TopState;
  readonly sight: Sight;
  readonly top: TreeNode;
  readonly next: Next;
  /** Cells of a line. */
  readonly columns: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One line of the screen. */
export interface Line {
  readonly text: string;
  readonly tone: "red" | "bold" | "dim" | null;
  readonly isCursor?: boolean;
}
