/** One line of a screen: a heading or note of its own, or a row whose columns stand under each other. */
export type Line =
  | { readonly tone: "heading" | "note"; readonly text: string }
  | { readonly tone: "victim" | "chosen" | "loser" | "columns"; readonly row: Row };

/** The columns of a row. */
export interface Row {
  readonly mark: string;
  readonly what: string;
  readonly badness: string;
  readonly size: string;
  readonly why: string;
}

/** Lays out the lines so that columns are aligned over the whole screen. */
export function printTable(lines: readonly Line[], colour: boolean): string {
  const rows = lines.flatMap((line) => ("row" in line ? [line.row] : []));
  const width = (key: keyof Row) => Math.max(0, ...rows.map((row) => row[key].length));
  const widths = { what: width("what"), badness: width("badness"), size: width("size") };
  const paint = (tone: Line["tone"], text: string) =>
    colour && text !== "" && SGR[tone] !== "" ? `${SGR[tone]}${text}\x1b[0m` : text;
  return lines.map((line) => `${paint(line.tone, "row" in line ? align(line.row, widths) : line.text)}\n`).join("");
}

function align(row: Row, widths: { what: number; badness: number; size: number }): string {
  const what = row.what.padEnd(widths.what);
  const numbers = `${row.badness.padStart(widths.badness)}  ${row.size.padStart(widths.size)}`;
  return `${row.mark.padEnd(1)} ${what}  ${numbers}  ${row.why}`.trimEnd();
}

const SGR: Record<Line["tone"], string> = {
  heading: "\x1b[1m",
  note: "\x1b[2m",
  columns: "\x1b[2m",
  victim: "\x1b[1;31m",
  chosen: "\x1b[32m",
  loser: "",
};
