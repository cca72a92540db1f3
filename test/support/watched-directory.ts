/** A directory tree of a test's own, and a MemcgTree that watches it. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { MemcgTree, type TreeChanges, type TreeNode } from "../../src/hierarchy/tree.ts";

// Like cgroupfs and unlike some disks, tmpfs gives a new directory an inode number that no other has had.
const BASE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export class WatchedDirectory {
  readonly path: string = mkdtempSync(`${BASE}/badnessd-tree-`);
  #started: MemcgTree | null = null;

  /** Makes directories, and begins to watch. */
  start(...paths: readonly string[]): void {
    for (const path of paths) this.mkdir(path);
    this.#started = new MemcgTree(this.path, true);
  }

  get tree(): MemcgTree {
    if (this.#started === null) throw new Error("start() comes first");
    return this.#started;
  }

  mkdir(path: string): void {
    mkdirSync(`${this.path}${path}`, { recursive: true });
  }

  rmdir(path: string): void {
    rmdirSync(`${this.path}${path}`);
  }

  rename(from: string, to: string): void {
    renameSync(`${this.path}${from}`, `${this.path}${to}`);
  }

  /** The tree as somebody sees it who looks for the first time. */
  onDisk(): string[] {
    return shapeOf(new MemcgTree(this.path, false));
  }

  remove(): void {
    this.#started?.close();
    this.#started = null;
    rmSync(this.path, { recursive: true });
  }
}

/** Every memcg with its inode number. */
export function shapeOf(tree: MemcgTree): string[] {
  return Array.from(tree.walk(), ({ path, ino }) => `${path} ${ino}`).sort();
}

export const pathsOf = (nodes: Iterable<TreeNode>): string[] => Array.from(nodes, ({ path }) => path);

export const short = ({ added, removed }: TreeChanges): { added: string[]; removed: string[] } => ({
  added: pathsOf(added),
  removed: pathsOf(removed),
});
