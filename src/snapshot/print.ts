import type { Snapshot } from "./types.ts";

/**
 * The text of a snapshot: YAML, with one memcg or process a line as JSON, so that grep works on it.
 * Nothing in it is obeyed by a terminal, and reading it gives the same snapshot again.
 */
export function printSnapshot(snapshot: Snapshot): string {
  const { oomMemcg, memcgs, tasks, exclude, ...rest } = snapshot;
  const lines = [
    `oomMemcg: ${json(oomMemcg)}`,
    ...printList("memcgs", memcgs),
    ...printList("tasks", tasks),
    `exclude: ${json(exclude)}`,
    ...Object.entries(rest).map(([key, value]) => `${json(key)}: ${json(value)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function printList(key: string, entries: readonly object[]): string[] {
  if (entries.length === 0) return [`${key}: []`];
  return [`${key}:`, ...entries.map((entry) => `  - ${json(entry)}`)];
}

// JSON leaves some characters as they are that YAML forbids, or that a terminal obeys. Lone surrogates it escapes.
const UNSAFE = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

function json(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escapeUnits);
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
