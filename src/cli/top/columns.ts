/** The columns of the tree: which of them fit beside the names, and what stands in them. */
import { PROTECTED } from "../../hierarchy/types.ts";
import { printSize } from "../../report/sizes.ts";
import type { TreeLine } from "../tree.ts";
import { toCells, toCellsRight } from "./cells.ts";

interface Column {
  readonly heading: string;
  readonly cells: number;
  readonly isRight?: boolean;
  readonly text: (line: TreeLine) => string;
}

/** From the left; names come last, so that whatever a terminal makes of a strange character moves no number. */
const COLUMNS = {
  badness: { heading: "BADNESS", cells: 7, isRight: true, text: ({ badness }) => printBadness(badness) },
  kill: { heading: "KILL", cells: 7, text: ({ kill }) => kill },
  fill: { heading: "USAGE /   LIMIT", cells: 17, isRight: true, text: printFill },
  percent: { heading: "%", cells: 4, isRight: true, text: (line) => printPercent(fillOf(line)) },
  bar: { heading: "", cells: 12, text: (line) => printBar(fillOf(line)) },
  rss: { heading: "RSS", cells: 7, isRight: true, text: ({ rssBytes }) => printSize(rssBytes) },
  held: { heading: "HELD", cells: 5, text: ({ underOom, armed }) => (underOom ? "OOM!" : armed ? "armed" : "") },
} as const satisfies Record<string, Column>;

type ColumnName = keyof typeof COLUMNS;

const SHOWN: readonly ColumnName[] = ["badness", "kill", "fill", "percent", "bar", "rss", "held"];
/** Where there is no room for all, the first of these have it. */
const NEEDED: readonly ColumnName[] = ["badness", "fill", "percent", "held", "rss", "bar", "kill"];
const GAP = "  ";
/** Names have at least this much of a line, or a third of a narrow one. */
const NAME_CELLS = 24;

/** The columns of a screen of so many cells, and what is left of it for names. */
export interface Layout {
  readonly columns: readonly ColumnName[];
  readonly nameCells: number;
}

export function layOut(cells: number): Layout {
  const least = Math.min(NAME_CELLS, Math.floor(cells / 3));
  let left = cells;
  const fitting = new Set<ColumnName>();
  for (const name of NEEDED) {
    const more = COLUMNS[name].cells + GAP.length;
    if (left - more < least) continue;
    fitting.add(name);
    left -= more;
  }
  return { columns: SHOWN.filter((name) => fitting.has(name)), nameCells: left };
}

export function headings({ columns, nameCells }: Layout): string {
  return (
    columns.map((name) => align(COLUMNS[name], COLUMNS[name].heading) + GAP).join("") + toCells("MEMCG", nameCells)
  );
}

/** `name`: safe to print. */
export function rowText(line: TreeLine, name: string, { columns, nameCells }: Layout): string {
  const cells = columns.map((column) => align(COLUMNS[column], COLUMNS[column].text(line)) + GAP);
  return cells.join("") + toCells(name, nameCells);
}

export function printBadness(badness: number): string {
  return badness === PROTECTED ? "never" : `${badness}`;
}

function align(column: Column, text: string): string {
  return column.isRight === true ? toCellsRight(text, column.cells) : toCells(text, column.cells);
}

function printFill({ usageBytes, limitBytes }: TreeLine): string {
  return `${printSize(usageBytes)} / ${(limitBytes === null ? "–" : printSize(limitBytes)).padStart(7)}`;
}

/** Null where there is no limit. */
function fillOf({ usageBytes, limitBytes }: TreeLine): number | null {
  return limitBytes === null ? null : usageBytes / Math.max(1, limitBytes);
}

function printPercent(fill: number | null): string {
  // 99.6 is not full yet.
  return fill === null ? "–" : `${Math.min(999, Math.floor(fill * 100))}%`;
}

const BAR_CELLS = 10;

function printBar(fill: number | null): string {
  if (fill === null) return "";
  return `[${"|".repeat(Math.min(BAR_CELLS, Math.round(fill * BAR_CELLS))).padEnd(BAR_CELLS)}]`;
}
