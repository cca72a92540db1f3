import { existsSync, renameSync, rmdirSync, rmSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TreeChanges } from "../../src/hierarchy/tree.ts";
import { shapeOf, WatchedDirectory } from "../support/watched-directory.ts";

const KINDS = ["mkdir", "mkdir", "mkdir", "rmdir", "rm", "rename", "rename", "drain", "rescan"] as const;

const operation = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 }).map((names) => `/${names.join("/")}`),
  name: fc.constantFrom("a", "b", "c"),
});

/** What cannot be done now is not done. */
function perform(
  directory: WatchedDirectory,
  kind: (typeof KINDS)[number],
  at: string,
  name: string,
): TreeChanges | null {
  const path = `${directory.path}${at}`;
  if (kind === "drain") return directory.tree.drain();
  if (kind === "rescan") return directory.tree.rescan();
  if (kind === "mkdir") directory.mkdir(at);
  else if (!existsSync(path)) return null;
  else if (kind === "rm") rmSync(path, { recursive: true });
  else if (kind === "rename") renameWithin(path, name);
  else removeIfEmpty(path);
  return null;
}

/** As in cgroup v1: within one directory, and never over another. */
function renameWithin(path: string, name: string): void {
  const to = `${path.slice(0, path.lastIndexOf("/"))}/${name}`;
  if (!existsSync(to)) renameSync(path, to);
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // It has children.
  }
}

test("after any operations the tree is what a fresh look finds, its changes add up to it, and it hears from every corner", () => {
  let directory: WatchedDirectory;
  const property = fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
    directory = new WatchedDirectory();
    directory.start();
    const { tree } = directory;
    const known = new Set(tree.walk());
    const take = (changes: TreeChanges | null) => {
      for (const node of changes?.added ?? []) known.add(node);
      for (const node of changes?.removed ?? []) known.delete(node);
    };
    for (const { kind, at, name } of operations) take(perform(directory, kind, at, name));
    take(tree.drain());
    expect(shapeOf(tree)).toEqual(directory.onDisk());
    expect(new Set(tree.walk())).toEqual(known);
    for (const { path } of [...tree.walk()]) directory.mkdir(`${path}/corner`);
    tree.drain();
    expect(shapeOf(tree)).toEqual(directory.onDisk());
  });
  fc.assert(
    property.afterEach(() => directory.remove()),
    { numRuns: 200 },
  );
});
