/** How much of a line a text takes, and texts that take no more than they may. For text that is safe to print. */
import { eastAsianWidth } from "get-east-asian-width";

/** Accents and the like stand on the character before them. */
const ON_TOP = /^\p{M}$/u;
/** Asks for a picture in place of a character; some terminals then take two cells, and too many counted do no harm. */
const AS_PICTURE = "\ufe0f";

/** How many cells of a terminal a text takes: a Chinese character takes two. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfOne(character);
  return cells;
}

/** The text in exactly so many cells: with blanks behind it, or cut off with an ellipsis. */
export function toCells(text: string, cells: number): string {
  const cut = shorten(text, cells);
  return cut + " ".repeat(cells - cellsOf(cut));
}

/** The text in exactly so many cells, at their right. */
export function toCellsRight(text: string, cells: number): string {
  const cut = shorten(text, cells);
  return " ".repeat(cells - cellsOf(cut)) + cut;
}

/** The beginning and the end of a text that takes more than so many cells: of a path both are telling. */
export function shortenMiddle(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  const end = lastCells(text, Math.floor((cells - 1) / 2));
  return shorten(text, cells - cellsOf(end)) + end;
}

const PLAIN = /^[ -~]*$/;

function shorten(text: string, cells: number): string {
  return cellsOf(text) <= cells ? text : cells <= 0 ? "" : `${firstCells(text, cells - 1)}…`;
}

function firstCells(text: string, cells: number): string {
  let taken = "";
  let left = cells;
  for (const character of text) {
    left -= cellsOfOne(character);
    if (left < 0) break;
    taken += character;
  }
  return taken;
}

function lastCells(text: string, cells: number): string {
  const characters = Array.from(text);
  let left = cells;
  let start = characters.length;
  while (start > 0 && left >= cellsOfOne(characters[start - 1] ?? "")) left -= cellsOfOne(characters[--start] ?? "");
  // What stands on a character that is not there would stand on our ellipsis.
  while (ON_TOP.test(characters[start] ?? "")) start += 1;
  return characters.slice(start).join("");
}

function cellsOfOne(character: string): number {
  if (character === AS_PICTURE) return 1;
  return ON_TOP.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
