/**
 * The directories of the memory controller, kept in step with the kernel off the hot path: an OOM finds the hierarchy
 * here and lists no directory. Events are queued by the kernel before mkdir returns, so draining them is being current.
 */
import { DirectoryWatcher } from "../kernel/inotify.ts";
import { listDirectories, statDirectory } from "../kernel/read.ts";
import { UsagePaths } from "./usage-paths.ts";

/** A memcg's directory. Its path may come to mean another memcg; its inode number never does. */
export interface TreeNode {
  readonly path: string;
  readonly name: string;
  readonly ino: bigint;
  readonly parent: TreeNode | null;
  readonly children: Map<string, TreeNode>;
  /** Number of the inotify watch, or null where none could be had. */
  watch: number | null;
}

/** What became of the tree. */
export interface TreeChanges {
  /** Parents before children. */
  readonly added: TreeNode[];
  /** Children before parents. */
  readonly removed: TreeNode[];
}

export class MemcgTree {
  readonly mountPoint: string;
  readonly root: TreeNode;
  readonly #usage = new UsagePaths<TreeNode>((node) => this.directoryOf(node));
  readonly #watcher: DirectoryWatcher | null;
  readonly #byWatch = new Map<number, TreeNode>();
  /** Why some directory is not watched; changes below it are found by `rescan` alone. */
  #unwatched: Error | null = null;

  /** With `watched` false it is a picture of one moment, for commands. Throws if the mount point cannot be read. */
  constructor(mountPoint: string, watched: boolean) {
    this.mountPoint = mountPoint;
    this.#watcher = watched ? new DirectoryWatcher() : null;
    const facts = statDirectory(mountPoint);
    if (facts === null) throw new Error(`cannot read ${mountPoint}: there is no such directory`);
    this.root = { path: "/", name: "", ino: facts.ino, parent: null, children: new Map(), watch: null };
    const changes: TreeChanges = { added: [], removed: [] };
    for (const name of this.#enter(this.root, true)) this.#adopt(this.root, name, changes);
  }

  /** Descriptor that is readable when something changed; -1 where nothing is watched. */
  get changeFd(): number {
    return this.#watcher?.fd ?? -1;
  }

  /** Null while every directory is watched. */
  get degraded(): Error | null {
    return this.#unwatched;
  }

  /** Absolute path of a memcg's directory. */
  directoryOf(node: TreeNode): string {
    return node === this.root ? this.mountPoint : this.mountPoint + node.path;
  }

  /** What is charged to a memcg and all below it, bytes; 0 once it is removed. */
  usageBytes(node: TreeNode): number {
    return this.#usage.read(node);
  }

  /** The memcg with this path, or null. */
  find(path: string): TreeNode | null {
    let node: TreeNode | undefined = this.root;
    for (const name of path.split("/")) {
      if (name !== "") node = node?.children.get(name);
    }
    return node ?? null;
  }

  /** Every memcg from `node` down, parents before children. */
  *walk(node: TreeNode = this.root): Generator<TreeNode> {
    const pending = [node];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      yield next;
      pending.push(...next.children.values());
    }
  }

  /** Takes in what inotify has to say; costs one system call when there is nothing. */
  drain(): TreeChanges {
    const changes: TreeChanges = { added: [], removed: [] };
    const events = this.#watcher?.drain() ?? [];
    if (events === "overflow") return this.rescan();
    for (const { kind, watch, name } of events) {
      const parent = this.#byWatch.get(watch);
      if (parent === undefined) continue;
      if (kind === "vanished") this.#forget(parent.children.get(name), changes);
      if (kind === "appeared") this.#adopt(parent, name, changes);
    }
    return changes;
  }

  /** Compares the whole tree with the kernel's, event or no event; or a part of it, from a memcg down. */
  rescan(from: TreeNode = this.root): TreeChanges {
    const changes: TreeChanges = { added: [], removed: [] };
    if (from === this.root) {
      this.#unwatched = null;
      this.#watcher?.drain();
    }
    const pending = [from];
    for (const node of pending) pending.push(...this.#compare(node, changes));
    return changes;
  }

  close(): void {
    this.#watcher?.close();
  }

  /** Puts one level right, and returns the memcgs of it that were there before. */
  #compare(node: TreeNode, changes: TreeChanges): TreeNode[] {
    if (node.watch === null) this.#watchNode(node);
    const names = listDirectories(this.directoryOf(node)) ?? [];
    const present = new Set(names);
    for (const [name, child] of node.children) {
      if (!present.has(name)) this.#forget(child, changes);
    }
    const before = [...node.children.values()];
    for (const name of names) this.#adopt(node, name, changes);
    return before.filter((child) => node.children.get(child.name) === child);
  }

  /** Takes in a directory and all below it. No recursion: how deep a tree goes is its owner's to choose. */
  #adopt(parent: TreeNode, name: string, changes: TreeChanges): void {
    const pending = [{ parent, name }];
    for (const next of pending) pending.push(...this.#adoptOne(next.parent, next.name, changes));
  }

  /** Unless it is there already; one of the same name with another inode number goes. Returns what lies in it. */
  #adoptOne(parent: TreeNode, name: string, changes: TreeChanges): { parent: TreeNode; name: string }[] {
    const path = parent === this.root ? `/${name}` : `${parent.path}/${name}`;
    const facts = statDirectory(this.mountPoint + path);
    const known = parent.children.get(name);
    if (known !== undefined && known.ino === facts?.ino) return [];
    this.#forget(known, changes);
    if (facts === null) return [];
    const node: TreeNode = { path, name, ino: facts.ino, parent, children: new Map(), watch: null };
    parent.children.set(name, node);
    changes.added.push(node);
    return this.#enter(node, facts.hasDirectories).map((inside) => ({ parent: node, name: inside }));
  }

  /** Watches before it lists: whatever is made in between is seen twice rather than never. */
  #enter(node: TreeNode, hasDirectories: boolean): string[] {
    this.#watchNode(node);
    const nowHas = hasDirectories || statDirectory(this.directoryOf(node))?.hasDirectories === true;
    return nowHas ? (listDirectories(this.directoryOf(node)) ?? []) : [];
  }

  #watchNode(node: TreeNode): void {
    try {
      node.watch = this.#watcher?.watch(this.directoryOf(node)) ?? null;
      if (node.watch !== null) this.#byWatch.set(node.watch, node);
    } catch (error) {
      this.#unwatched = error as Error;
    }
  }

  #forget(node: TreeNode | undefined, changes: TreeChanges): void {
    if (node === undefined) return;
    node.parent?.children.delete(node.name);
    for (const each of [...this.walk(node)].reverse()) {
      this.#usage.forget(each);
      this.#unwatchNode(each);
      changes.removed.push(each);
    }
  }

  /** One that was renamed may have been taken in under its new name first: the kernel gave it the same watch. */
  #unwatchNode(node: TreeNode): void {
    if (node.watch === null || this.#byWatch.get(node.watch) !== node) return;
    this.#byWatch.delete(node.watch);
    this.#watcher?.unwatch(node.watch);
  }
}
