/**
 * The xattrs of all memcgs, known before they are needed: an OOM reads none. They are read in small portions with
 * pauses between them, so whoever sets xattrs ten thousand times a second takes no more than a part of one processor.
 */
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { AttributeWatcher } from "../kernel/attribute-watcher.ts";
import { nowMs } from "../kernel/clock.ts";
import { type Watch, watchReadable } from "../kernel/poll.ts";
import type { KnownXattrs } from "./known-xattrs.ts";
import { XattrWarnings } from "./xattr-warnings.ts";
import { type JudgedXattrs, ownerOf, readMemcgXattrs, UNKNOWN_XATTRS } from "./xattrs.ts";

/** An OOM may have to wait for one portion. */
const PORTION_MS = 2;
const PAUSE_MS = 5;

export interface XattrKeeperOptions {
  readonly tree: MemcgTree;
  /** Something else counts for these than before. */
  onChange(nodes: readonly TreeNode[]): void;
  /** A value that is ignored; not more often than is good to hear. */
  onIgnored(memcg: string, what: string): void;
}

export class XattrKeeper implements KnownXattrs {
  readonly #options: XattrKeeperOptions;
  readonly #watcher = new AttributeWatcher();
  readonly #warnings: XattrWarnings;
  readonly #byWatch = new Map<number, TreeNode>();
  readonly #watches = new Map<TreeNode, number>();
  readonly #known = new WeakMap<TreeNode, JudgedXattrs>();
  /** To be read, those that have waited longest first. */
  readonly #pending = new Set<TreeNode>();
  /** Could not be watched, or not be read, the last time: `lookAgain` tries. */
  readonly #unwatched = new Set<TreeNode>();
  #readable: Watch | null = null;
  /** A pause, or null: then we listen. */
  #pause: NodeJS.Timeout | null = null;

  constructor(options: XattrKeeperOptions) {
    this.#options = options;
    this.#warnings = new XattrWarnings(options.onIgnored);
  }

  of(node: TreeNode): JudgedXattrs {
    return this.#known.get(node) ?? UNKNOWN_XATTRS;
  }

  /** Reads everything at once, and is told of changes from now on. */
  start(): void {
    for (const node of this.#options.tree.walk()) this.#read(node);
    this.#listen();
  }

  /** Memcgs that appeared are read soon; those that are gone are forgotten. */
  take({ added, removed }: { readonly added: readonly TreeNode[]; readonly removed: readonly TreeNode[] }): void {
    if (added.length > 0) this.#want(added);
    // Last, for one that came and went is among both.
    for (const node of removed) this.#forget(node);
  }

  /** Once a second: those whose changes we may not hear of are read again. */
  lookAgain(): void {
    if (this.#unwatched.size > 0) this.#want(this.#unwatched);
  }

  stop(): void {
    this.#unlisten();
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#watcher.close();
  }

  #listen(): void {
    this.#readable = watchReadable(this.#watcher.fd, () => {
      // Until the pause is over nobody wakes us for this.
      this.#unlisten();
      this.#turn();
    });
  }

  #unlisten(): void {
    this.#readable?.stop();
    this.#readable = null;
  }

  #want(nodes: Iterable<TreeNode>): void {
    for (const node of nodes) this.#pending.add(node);
    this.#rest();
  }

  #turn(): void {
    const { watches, isOverflow } = this.#watcher.drain();
    const changed = isOverflow ? this.#options.tree.walk() : [...watches].flatMap((at) => this.#byWatch.get(at) ?? []);
    for (const node of changed) this.#pending.add(node);
    this.#readPortion();
    this.#rest();
  }

  #rest(): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      if (this.#pending.size > 0) this.#turn();
      else if (this.#readable === null) this.#listen();
    }, PAUSE_MS);
  }

  #readPortion(): void {
    const changed: TreeNode[] = [];
    const end = nowMs() + PORTION_MS;
    for (const node of this.#pending) {
      this.#pending.delete(node);
      if (this.#read(node)) changed.push(node);
      if (nowMs() > end) break;
    }
    if (changed.length > 0) this.#options.onChange(changed);
  }

  /** True if something else counts now. */
  #read(node: TreeNode): boolean {
    // Watched before it is read: whatever changes in between is read twice rather than never.
    const isWatched = this.#watch(node);
    const xattrs = this.#tryRead(node);
    if (isWatched && xattrs !== null) this.#unwatched.delete(node);
    else this.#unwatched.add(node);
    return xattrs !== null && this.#learn(node, xattrs);
  }

  #tryRead(node: TreeNode): JudgedXattrs | null {
    try {
      return readMemcgXattrs(this.#options.tree.directoryOf(node), this.#parentOwner(node));
    } catch {
      // Short of descriptors: what was known holds.
      return null;
    }
  }

  #learn(node: TreeNode, xattrs: JudgedXattrs): boolean {
    const before = this.of(node);
    this.#known.set(node, xattrs);
    // Another owner: what counts of those directly below may be another matter now.
    if (before.owner !== null && before.owner !== xattrs.owner) this.#want(node.children.values());
    this.#warnings.note(node, xattrs.ignored);
    const counting = ({ trusted, user, preference }: JudgedXattrs) => JSON.stringify([trusted, user, preference]);
    return counting(before) !== counting(xattrs);
  }

  #watch(node: TreeNode): boolean {
    if (this.#watches.has(node)) return true;
    const watch = this.#tryWatch(node);
    if (watch === null) return false;
    this.#byWatch.set(watch, node);
    this.#watches.set(node, watch);
    return true;
  }

  #tryWatch(node: TreeNode): number | null {
    try {
      return this.#watcher.watch(this.#options.tree.directoryOf(node));
    } catch {
      // Short of watches: it is read every second instead.
      return null;
    }
  }

  #parentOwner({ parent }: TreeNode): number | null {
    return parent === null ? null : (this.of(parent).owner ?? ownerOf(this.#options.tree.directoryOf(parent)));
  }

  /** One that was renamed has the same watch under its new name. */
  #forget(node: TreeNode): void {
    this.#pending.delete(node);
    this.#unwatched.delete(node);
    const watch = this.#watches.get(node);
    this.#watches.delete(node);
    if (watch === undefined || this.#byWatch.get(watch) !== node) return;
    this.#byWatch.delete(watch);
    this.#watcher.unwatch(watch);
  }
}
