import { readdirSync, readFileSync } from "node:fs";
import { parseSnapshot } from "../../src/snapshot/read.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";

const DIRECTORY = new URL("../../fixtures/snapshots/", import.meta.url);

/** Names of the cases in fixtures/snapshots. */
export const snapshotCases: readonly string[] = readdirSync(DIRECTORY).sort();

/** The snapshot of a case; its `expect` rides along. */
export function readCase(name: string): Snapshot {
  return snapshotOf(readFileSync(new URL(`${name}/snapshot.yaml`, DIRECTORY), "utf8"));
}

/** The snapshot that a text stands for. Throws if it is broken. */
export function snapshotOf(text: string): Snapshot {
  const parsed = parseSnapshot(text);
  if ("snapshot" in parsed) return parsed.snapshot;
  throw new Error(parsed.faults.map(({ line, column, message }) => `${line}:${column}: ${message}`).join("\n"));
}
