/** The rows of the tree as lines. */
import { printable } from "../../report/printable.ts";
import type { Victim } from "../../select/types.ts";
import { cellsOf, shortenMiddle } from "./cells.ts";
import { headings, type Layout, layOut, rowText } from "./columns.ts";
import { isBelow, type Row } from "./rows.ts";
import type { Line, Scene } from "./scene.ts";
import { shortVictim } from "./words.ts";

/** Before the columns: the cursor, the mark of who is next, and a blank. */
const MARGIN = 3;

export function headingLine(columns: number): Line {
  return { text: " ".repeat(MARGIN) + headings(layOut(Math.max(0, columns - MARGIN))), tone: "dim" };
}

export function treeLines(scene: Scene, rows: readonly Row[]): Line[] {
  const layout = layOut(Math.max(0, scene.columns - MARGIN));
  return rows.map((row) => treeLine(scene, row, layout));
}

/** Path of the memcg that dies as a group, or that the process is in. */
export function victimPath(victim: Victim | null): string | null {
  return victim === null ? null : victim.kind === "memcg" ? victim.memcg.path : victim.task.memcg;
}

function treeLine({ state, sight, next: { victim } }: Scene, row: Row, layout: Layout): Line {
  const { path } = row.node;
  const victimAt = victimPath(victim);
  const isVictim = path === victimAt;
  const isCursor = path === state.cursor;
  const mark = isVictim ? "✗" : victimAt !== null && isBelow(victimAt, path) ? "→" : " ";
  const margin = `${isCursor ? ">" : " "}${mark} `;
  const line = sight.line(row.node);
  if ("unreadable" in line)
    return { text: `${margin}${printable(row.node.name)}: ${line.unreadable}`, tone: "dim", isCursor };
  const name = nameOf(row, layout.nameCells, isVictim && victim !== null ? ` ◀ ${printable(shortVictim(victim))}` : "");
  return {
    text: margin + rowText(line, name, layout),
    tone: isVictim ? "red" : line.underOom ? "bold" : null,
    isCursor,
  };
}

/** Of a deep tree half of the room is for names. `behind`: what stands behind the name. */
function nameOf({ node, depth, isFolded }: Row, cells: number, behind: string): string {
  const indent = " ".repeat(Math.min(2 * depth, Math.floor(cells / 2)));
  const count = isFolded ? ` (${node.children.size})` : "";
  const before = isFolded ? `${indent.slice(2)}▸ ` : indent;
  const room = cells - cellsOf(before) - cellsOf(count) - cellsOf(behind);
  const name = printable(depth === 0 ? node.path : node.name);
  return before + shortenMiddle(name, Math.max(SHORTEST_NAME, room)) + count + behind;
}

/** However much stands behind it. */
const SHORTEST_NAME = 8;
