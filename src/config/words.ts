/**
 * Lists of globs in a sysctl value: words between blanks. A blank inside a name is written `\040`, as in
 * /proc/mounts, and so is any other ASCII character that would mean something: `\043` is a plain #.
 */
import { absolutePath } from "./path-spelling.ts";
import type { NotParsed, Parsed, ValueType } from "./values.ts";
import { together, wrong } from "./values.ts";

/** Globs on memcg paths. */
export const globList: ValueType<readonly string[]> = listOf(
  absolutePath,
  "paths that begin with /, blanks between them",
);

/** Globs on file names: a directory is watched for new files, so it must be known without looking. */
export const fileGlobList: ValueType<readonly string[]> = listOf(
  { expected: "a file", parse: fileGlob },
  "files, with wildcards only behind the last /",
);

/** The text that `globList` reads as these globs. */
export function printWords(globs: readonly string[]): string {
  return globs.map(printWord).join(" ");
}

/** One word that is read as this text. */
export function printWord(text: string): string {
  return text.replace(/[\0-\x20#]/g, octal);
}

// A pair of backslashes belongs to the glob, so `\\040` is a backslash and three digits.
export function unescapeWord(word: string): string {
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

function listOf(type: ValueType<string>, expected: string): ValueType<readonly string[]> {
  return {
    expected,
    parse: (text) => {
      const values: string[] = [];
      const wrongs: NotParsed[] = [];
      for (const word of text.matchAll(/[^ \t]+/g)) {
        const parsed = type.parse(unescapeWord(word[0]));
        if ("wrong" in parsed) wrongs.push({ ...parsed, at: word.index });
        else values.push(parsed.value);
      }
      return together(wrongs) ?? { value: values };
    },
  };
}

function fileGlob(text: string): Parsed<string> {
  const path = absolutePath.parse(text);
  if ("wrong" in path) return path;
  const directory = path.value.slice(0, path.value.lastIndexOf("/"));
  return /[*?[]/.test(directory) ? wrong("wildcards only behind the last /", text) : path;
}
