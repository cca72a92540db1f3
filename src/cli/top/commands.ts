/** What each command makes of the state; `settle` puts cursor and scrolling right afterwards. */
import { isBelow, ORDERS, type Order, type Row } from "./rows.ts";
import { clamp, type TopState } from "./state.ts";

/** What was on the screen when the command was given. */
export interface Shown {
  readonly rows: readonly Row[];
  /** How many of them fit. */
  readonly height: number;
  /** Path of the memcg that holds the next victim, or null. */
  readonly victim: string | null;
}

const COMMANDS = {
  up: (state, shown) => moveTo(state, shown, state.cursorRow - 1),
  down: (state, shown) => moveTo(state, shown, state.cursorRow + 1),
  pageUp: (state, shown) => moveTo(state, shown, state.cursorRow - pageOf(shown)),
  pageDown: (state, shown) => moveTo(state, shown, state.cursorRow + pageOf(shown)),
  first: (state, shown) => moveTo(state, shown, 0),
  last: (state, shown) => moveTo(state, shown, shown.rows.length - 1),
  /** The victim may be hidden in something that is folded. */
  victim: (state, { victim }) =>
    victim === null ? state : { ...state, cursor: victim, folded: openedTo(state.folded, victim) },

  /** What has nothing to fold leads to its parent. */
  fold: (state, shown) => (isOpen(state, shown) ? folded(state) : goUp(state)),
  unfold: (state) => unfolded(state, state.cursor),
  toggle: (state, shown) => (isOpen(state, shown) ? folded(state) : unfolded(state, state.cursor)),
  foldAll,
  unfoldAll: (state) => ({ ...state, folded: new Set() }),

  /** The memcg under the cursor becomes the top, or the parent of the top does. */
  enter: (state) => ({ ...unfolded(state, state.cursor), top: state.cursor }),
  leave: (state) => {
    const parent = parentOf(state.top);
    return { ...unfolded(state, parent), top: parent, cursor: state.top };
  },

  byName: (state) => sorted(state, "name"),
  byBadness: (state) => sorted(state, "badness"),
  byUsage: (state) => sorted(state, "usage"),
  byFill: (state) => sorted(state, "fill"),
  nextOrder: (state) => sorted(state, ORDERS[(ORDERS.indexOf(state.order) + 1) % ORDERS.length] ?? "name"),

  help: (state) => ({ ...state, isHelp: true }),
} satisfies Record<string, (state: TopState, shown: Shown) => TopState>;

export type Command = keyof typeof COMMANDS;

/** The state after a command; any command ends the help. */
export function press(state: TopState, command: Command, shown: Shown): TopState {
  return state.isHelp ? { ...state, isHelp: false } : COMMANDS[command](state, shown);
}

function moveTo(state: TopState, { rows }: Shown, row: number): TopState {
  const cursorRow = clamp(row, 0, rows.length - 1);
  return { ...state, cursorRow, cursor: rows[cursorRow]?.node.path ?? state.cursor };
}

/** One row of the old page stays, so that the eye finds its way. */
function pageOf({ height }: Shown): number {
  return Math.max(1, height - 1);
}

/** The children of the memcg under the cursor can be seen. */
function isOpen({ cursor }: TopState, { rows }: Shown): boolean {
  return rows.some(({ node, isFolded }) => node.path === cursor && node.children.size > 0 && !isFolded);
}

function folded(state: TopState): TopState {
  return { ...state, folded: new Set([...state.folded, state.cursor]) };
}

function unfolded(state: TopState, path: string): TopState {
  return { ...state, folded: new Set([...state.folded].filter((each) => each !== path)) };
}

/** Everything below the top; the cursor goes up to what can still be seen. */
function foldAll(state: TopState, { rows }: Shown): TopState {
  const inner = rows.filter(({ node, depth }) => depth > 0 && node.children.size > 0);
  const seen = rows.find(({ node, depth }) => depth === 1 && isBelow(state.cursor, node.path));
  const all = { ...state, folded: new Set([...state.folded, ...inner.map(({ node }) => node.path)]) };
  return { ...unfolded(all, state.top), cursor: seen?.node.path ?? state.cursor };
}

function goUp(state: TopState): TopState {
  return state.cursor === state.top ? state : { ...state, cursor: parentOf(state.cursor) };
}

/** What is folded, without what hides this memcg. */
function openedTo(paths: ReadonlySet<string>, memcg: string): Set<string> {
  return new Set([...paths].filter((path) => path === memcg || !isBelow(memcg, path)));
}

function sorted(state: TopState, order: Order): TopState {
  return { ...state, order };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
