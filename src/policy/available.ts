import { memcgFacts } from "../hierarchy/facts.ts";
import { listDirectories } from "../kernel/read.ts";
import type { HasFact } from "./table.ts";

/** Asks the memcgs at the top of the tree: v2's root itself has none of the files of the others. */
export function factsOfMachine(mountPoint: string): HasFact {
  return (fact) => {
    // Of a process everything can be told.
    if (fact === "pageTableBytes") return true;
    const below = (listDirectories(mountPoint) ?? []).map((name) => `/${name}`);
    return ["/", ...below].some((path) => {
      const directory = path === "/" ? mountPoint : mountPoint + path;
      return memcgFacts(directory, path, "/proc", () => 0).facts[fact] !== null;
    });
  };
}
