/** What the user of `top` has chosen to look at. */
import type { Order, Row } from "./rows.ts";

export interface TopState {
  /** Path of the memcg at the top: who is next is asked of its OOM. */
  readonly top: string;
  /** Path of the memcg that the cursor is on. */
  readonly cursor: string;
  /** Row of the cursor: what stands there is next if its memcg is gone. */
  readonly cursorRow: number;
  /** Row that is first on the screen. */
  readonly firstRow: number;
  /** Paths of the memcgs whose children are not shown. */
  readonly folded: ReadonlySet<string>;
  readonly order: Order;
  readonly isHelp: boolean;
}

export function initialState(top: string): TopState {
  return { top, cursor: top, cursorRow: 0, firstRow: 0, folded: new Set(), order: "name", isHelp: false };
}

/**
 * The state as it can be drawn: the cursor on a row that is there, and that row on the screen. If its memcg is gone or
 * folded away, the cursor stays where it was on the screen.
 */
export function settle(state: TopState, rows: readonly Row[], height: number): TopState {
  const found = rows.findIndex(({ node }) => node.path === state.cursor);
  const cursorRow = found >= 0 ? found : clamp(state.cursorRow, 0, rows.length - 1);
  const cursor = rows[cursorRow]?.node.path ?? state.cursor;
  const lowest = cursorRow - Math.max(1, height) + 1;
  const firstRow = clamp(Math.min(state.firstRow, rows.length - height), Math.max(0, lowest), cursorRow);
  return { ...state, cursor, cursorRow, firstRow };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
