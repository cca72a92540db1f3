/**
 * A name with nothing in it that a terminal obeys: names of memcgs and processes are chosen by whoever runs them.
 *
 * A lone surrogate U+DC80..U+DCFF stands for the byte 0x80..0xff of a name that is not UTF-8, and is shown as `\xff`.
 * A backslash stays as it is: systemd's names are full of them, and should be found by who searches for them.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** Several lines, each safe to print. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** A value as JSON on one line, safe to print, and to a parser the same as without. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, at) => unicodeEscape(character.charCodeAt(at))).join(""),
  );
}

/** A memcg path, safe to print; of one that would fill the screen, the beginning and the end. */
export function printablePath(path: string): string {
  const text = printable(path);
  return text.length <= PATH_WIDTH ? text : `${text.slice(0, PATH_WIDTH / 2)}…${text.slice(1 - PATH_WIDTH / 2)}`;
}

/** Where memory has run out, safe to print: `/` has no limit that could be hit, and stands for the machine. */
export function printableOom(oomMemcg: string): string {
  return oomMemcg === "/" ? "the machine" : printablePath(oomMemcg);
}

const PATH_WIDTH = 100;

// Controls, formats such as direction marks, private and unassigned characters, surrogates, separators of lines.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  if (byte <= 0xff) return `\\x${byte.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}
