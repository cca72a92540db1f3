/** What is on the screen: from what the user has chosen, what there is to see, and the size of the terminal to lines. */
import { printable } from "../../report/printable.ts";
import { toCells } from "./cells.ts";
import type { Shown } from "./commands.ts";
import { helpBody, linesAbove, linesBelow } from "./other-lines.ts";
import { planOf } from "./plan.ts";
import { rowsOf } from "./rows.ts";
import type { Line } from "./scene.ts";
import type { Sight } from "./sight.ts";
import { settle, type TopState } from "./state.ts";
import { treeLines, victimPath } from "./tree-lines.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Frame {
  /** What was asked for, with top and cursor where they can be. */
  readonly state: TopState;
  readonly shown: Shown;
  /** As many as the terminal is high, as wide as it is, and safe to print. */
  readonly lines: readonly Line[];
}

/** `now`: milliseconds since the epoch. */
export function frameOf(asked: TopState, sight: Sight, { columns, rows: height }: Size, now: number): Frame {
  const top = sight.nearest(asked.top);
  const rows = rowsOf(top, asked, sight);
  const plan = planOf(height, { rows: rows.length, kills: sight.daemon.kills.length });
  const state = settle(top.path === asked.top ? asked : { ...asked, top: top.path, cursor: top.path }, rows, plan.rows);
  const next = sight.next(top);
  const scene = { state, sight, top, next, columns, now };
  const visible = rows.slice(state.firstRow, state.firstRow + plan.rows);
  const body = state.isHelp ? helpBody(plan.rows) : treeLines(scene, visible);
  // What is below the tree stays where it is.
  const blank = Array.from({ length: plan.rows - body.length }, () => BLANK);
  const lines = [...linesAbove(scene, plan), ...body, ...blank, ...linesBelow(scene, plan)];
  return {
    state,
    shown: { rows, height: plan.rows, victim: victimPath(next.victim) },
    lines: lines.map((line) => fitLine(line, columns)),
  };
}

const BLANK: Line = { text: "", tone: null };

/** The whole tree, however long, for who has no terminal: there is no cursor, and nothing to press. */
export function wholeFrame(asked: TopState, sight: Sight, columns: number, now: number): readonly Line[] {
  const top = sight.nearest(asked.top);
  const state = { ...asked, cursor: "" };
  const rows = rowsOf(top, state, sight);
  const kills = Math.min(MOST_KILLS, Math.max(1, sight.daemon.kills.length)) + 1;
  const plan = { title: true, next: true, headings: true, rows: rows.length, kills, detail: false, keys: false };
  const scene = { state, sight, top, next: sight.next(top), columns, now };
  const lines = [...linesAbove(scene, plan), ...treeLines(scene, rows), ...linesBelow(scene, plan)];
  return lines.map((line) => fitLine(line, columns));
}

/** Where they are printed, and not drawn. */
const MOST_KILLS = 10;

/** Here everything passes that gets to the terminal: whoever chose a name, nothing in it is obeyed. */
function fitLine(line: Line, columns: number): Line {
  return { ...line, text: toCells(printable(line.text), columns) };
}
