/**
 * Lists of globs in a sysctl value: words between blanks. A blank inside a name is written `\040`, as in
 * /proc/mounts, and so is any other ASCII character that would mean something: `\043` is a plain #.
 */
import { absolutePath } from "./path-spelling.ts";
import type { Parsed, ValueType } from "./values.ts";

/** Blank-separated paths or globs. */
export const globList: ValueType<readonly string[]> = {
  expected: "paths that begin with /, with blanks between them",
  parse: (text) => {
    const globs: string[] = [];
    for (const word of text.matchAll(/[^ \t]+/g)) {
      const path = absolutePath.parse(unescapeWord(word[0]));
      if ("wrong" in path) return { ...path, at: word.index };
      globs.push(path.value);
    }
    return { value: globs } satisfies Parsed<readonly string[]>;
  },
};

/** The text that `globList` reads as these globs. */
export function printWords(globs: readonly string[]): string {
  return globs.map((glob) => glob.replace(/[\0-\x20#]/g, octal)).join(" ");
}

// A pair of backslashes belongs to the glob, so `\\040` is a backslash and three digits.
function unescapeWord(word: string): string {
  return word.replace(/\\(?:\\|((?!000)[01][0-7]{2}))/g, (whole, digits: string | undefined) =>
    digits === undefined ? whole : literally(String.fromCharCode(Number.parseInt(digits, 8))),
  );
}

// Who writes a character as a number means the character, never its meaning in a glob.
function literally(character: string): string {
  return /[*?[\]\\]/.test(character) ? `\\${character}` : character;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
