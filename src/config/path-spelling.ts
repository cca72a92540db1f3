/**
 * One spelling for each path, so that two rules about one memcg are seen to be about one memcg.
 * Globs are spelled like paths; their wildcards are left as they are.
 */
import { quoted } from "./fault.ts";
import type { Parsed, ValueType } from "./values.ts";

// The glob matcher takes 65536 characters; the deepest memcg path that a test makes has 8 KiB.
const MAX_LENGTH = 16_384;

/** A path or glob from the root: `//a/` becomes `/a`; `.` and `..` are refused. */
export const absolutePath: ValueType<string> = {
  expected: "a path that begins with /",
  parse: spell,
};

function spell(text: string): Parsed<string> {
  if (!text.startsWith("/")) return { wrong: `expected ${absolutePath.expected}, got ${quoted(text)}` };
  if (text.length > MAX_LENGTH) return { wrong: `expected a path of at most ${MAX_LENGTH} characters` };
  const names = text.split("/").filter((name) => name !== "");
  const dots = names.find((name) => name === "." || name === "..");
  if (dots !== undefined) return { wrong: `expected a path without ${quoted(dots)}, got ${quoted(text)}` };
  return { value: `/${names.join("/")}` };
}
