import { Minimatch } from "minimatch";

/** A compiled glob on memcg paths or on files. */
export interface Glob {
  matches(path: string): boolean;
}

// What a shell user may not expect of a memcg name is off: braces, extglobs, a leading ! or #; hidden names are names.
const OPTIONS = { dot: true, nobrace: true, noext: true, nonegate: true, nocomment: true } as const;

/** Compiles `*`, `?` and `[…]` within a level and `**` over levels; a backslash takes a wildcard as it stands. */
export function compileGlob(pattern: string): Glob {
  const compiled = new Minimatch(pattern, OPTIONS);
  // `/jobs/**` is all below /jobs; for the root minimatch alone would take `/**` and `/*` to mean itself too.
  return { matches: (path) => (path === "/" ? pattern === "/" : compiled.match(path)) };
}
