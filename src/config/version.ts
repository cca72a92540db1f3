import { createRequire } from "node:module";

/** The version in package.json, from the sources and from dist/ alike. */
export function version(): string {
  const require = createRequire(import.meta.url);
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      return String((require(path) as { version: unknown }).version);
    } catch {
      // Not at this depth.
    }
  }
  return "unknown";
}
