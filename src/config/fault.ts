/** What is wrong with a configuration file, and where. Line and column count from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SHOWN = 60;

/** The line that people and editors read: `FILE:LINE:COLUMN: what is wrong`. */
export function printFault(fault: Fault): string {
  return `${printable(fault.file)}:${fault.line}:${fault.column}: ${fault.message}`;
}

/** A piece of a file in quotes, shortened, with nothing in it that a terminal would obey. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text).replace(UNPRINTABLE, codePoint);
}

/** A name without quotes, safe to print. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, codePoint);
}

// Controls (C1 too), direction marks and other formats, lone surrogates, line and paragraph separators.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
