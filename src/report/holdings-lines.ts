/** What fills a memcg, in words. */
import type { Holdings } from "./events.ts";
import { printSize } from "./sizes.ts";

/** What is less than a page of it is not worth a line. */
const LEAST_BYTES = 4096;

/** A line a kind, the largest first, and below them what cuts across the kinds. */
export function holdingsLines(holdings: Holdings): string {
  const { anonBytes, shmemBytes, fileBytes, kernelBytes, otherBytes, elsewhereBytes } = holdings;
  const kinds: [number, string][] = [
    [anonBytes - elsewhereBytes, "memory of its processes"],
    [elsewhereBytes, "memory of processes elsewhere, that moved out or share it"],
    [shmemBytes, "tmpfs and shared memory, that stay until they are removed"],
    [fileBytes, "page cache"],
    [kernelBytes, "kernel memory"],
    [otherBytes, "of no kind that is known yet"],
  ];
  const sorted = kinds.filter(([bytes]) => bytes >= LEAST_BYTES).sort(([a], [b]) => b - a);
  return [...sorted, ...across(holdings)]
    .map(([bytes, what]) => `  ${printSize(bytes).padStart(8)}  ${what}`)
    .join("\n");
}

function across({ mappedBytes, unevictableBytes }: Holdings): [number, string][] {
  const of: [number, string][] = [
    [mappedBytes, "of all that is mapped"],
    [unevictableBytes, "of all that is locked"],
  ];
  return of.filter(([bytes]) => bytes >= LEAST_BYTES);
}
