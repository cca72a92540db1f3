/**
 * Holding the kernel's killer off. Arming goes: listener, failsafe, record on file, then oom_kill_disable 1. Whatever
 * cannot be listened to, watched by the failsafe and recorded is never left disabled.
 */
import type { TreeNode } from "../hierarchy/tree.ts";
import { close } from "../kernel/libc.ts";
import { readOomControl, readOomControlFd, writeKillDisable } from "../kernel/memcg.ts";
import type { Bells } from "../notify/bells.ts";
import { giveBack, keptBelow, openToKeep } from "./open.ts";
import { Origins } from "./origins.ts";
import { type ArmedRecord, removeRecord, writeRecord } from "./record.ts";
import { type Restored, restore } from "./restore.ts";

/** A memcg whose OOMs are ours. */
export interface Held {
  readonly node: TreeNode;
  /** Absolute path of its directory. */
  readonly directory: string;
  /** Kept open, for reading and writing: a path may come to mean another memcg. -1 once it is no longer held. */
  oomControlFd: number;
  /** oom_kill_disable before we came. */
  readonly was: boolean;
  /** Whether we have written 1. */
  isHeldOff: boolean;
  delayMs: number;
}

/** What stands when we are dead, stopped or wedged; see src/failsafe. */
export interface Watchdog {
  /** Resolves to the inode numbers of those it now watches. */
  watch(held: readonly Held[]): Promise<ReadonlySet<bigint>>;
  unwatch(held: readonly Held[]): void;
}

export interface HoldOptions {
  readonly mountPoint: string;
  readonly runtimeDir: string;
  /** A dry run listens, and leaves the kernel's killer alone. */
  readonly dryRun: boolean;
  /** What a run that died has left armed, or null. */
  readonly left: ArmedRecord | null;
  readonly bells: Bells<Held>;
  readonly watchdog: Watchdog;
  directoryOf(node: TreeNode): string;
  delayOf(node: TreeNode): number;
  /** Something about one memcg went wrong; the others go on. */
  onFault(memcg: string, what: string): void;
}

export class Hold {
  readonly held = new Map<bigint, Held>();
  readonly #options: HoldOptions;
  readonly #origins: Origins;
  readonly #keptBelow = keptBelow();

  constructor(options: HoldOptions) {
    this.#options = options;
    this.#origins = new Origins(options.mountPoint, this.held, options.left);
  }

  /** Arms memcgs; resolves to those that now are. */
  async arm(nodes: readonly TreeNode[]): Promise<readonly Held[]> {
    const heard = nodes.flatMap((node) => this.#listen(node) ?? []);
    if (this.#options.dryRun || heard.length === 0) return heard;
    const watched = await this.#options.watchdog.watch(heard);
    // Some may have been removed meanwhile, and let go of.
    const still = heard.filter((held) => this.held.get(held.node.ino) === held);
    for (const held of still.filter(({ node }) => !watched.has(node.ino))) {
      this.#drop(held, "its failsafe cannot watch it");
    }
    const ready = still.filter(({ node }) => this.held.has(node.ino));
    return this.#recordOrDrop(ready) ? ready.filter((held) => this.holdOff(held)) : [];
  }

  /** Puts one back as it was, and lets go of it. */
  disarm(held: Held): void {
    if (!this.#options.dryRun) writeKillDisable(held.oomControlFd, held.was);
    this.#options.watchdog.unwatch([held]);
    this.#forget(held);
    this.#tryRecord();
  }

  /**
   * Takes over the delays that hold now, for the OOMs to come. One that goes on keeps its own: its failsafe would take
   * a shorter one that is over for the proof that nobody is there.
   */
  takeDelays(): void {
    const changed: Held[] = [];
    for (const held of this.held.values()) {
      const delayMs = this.#options.delayOf(held.node);
      if (held.delayMs === delayMs || readOomControlFd(held.oomControlFd)?.underOom === true) continue;
      held.delayMs = delayMs;
      changed.push(held);
    }
    if (changed.length > 0 && !this.#options.dryRun) void this.#options.watchdog.watch(changed);
  }

  /** Lets go of memcgs that are removed, or renamed: what still is gets back what it had, and may be armed anew. */
  forgetRemoved(nodes: readonly TreeNode[]): void {
    const gone = nodes.flatMap((node) => this.held.get(node.ino) ?? []);
    if (gone.length === 0) return;
    this.#options.watchdog.unwatch(gone);
    for (const held of gone) {
      if (!this.#options.dryRun) writeKillDisable(held.oomControlFd, held.was);
      this.#forget(held);
    }
    this.#tryRecord();
  }

  /** Writes 1; false if that cannot be done, and then it is no longer held. */
  holdOff(held: Held): boolean {
    if (this.#options.dryRun) return true;
    if (this.held.get(held.node.ino) !== held) return false;
    const error = writeKillDisable(held.oomControlFd, true);
    if (error !== null) this.#drop(held, `cannot hold the kernel's killer off: ${error}`);
    held.isHeldOff = error === null;
    return held.isHeldOff;
  }

  /** A memcg that is not ours but was born below one that is: its copy of oom_kill_disable would leave it hanging. */
  releaseIfBornArmed(node: TreeNode): void {
    if (this.#options.dryRun || !this.#origins.isBornArmed(node)) return;
    const directory = this.#options.directoryOf(node);
    if (readOomControl(directory)?.killDisable !== true) return;
    const error = giveBack(directory);
    if (error !== null) this.#options.onFault(node.path, `born armed, and cannot be released: ${error}`);
  }

  /** Before the first memcg is armed: what somebody else holds stays as it is. */
  noteForeign(nodes: Iterable<TreeNode>): void {
    this.#origins.noteForeign(nodes, this.#options.directoryOf);
  }

  /**
   * Once all is armed: what a run that died has left, and nobody has armed again, goes back as it was. `unguarded`: below
   * what is. Returns the paths of those that have it back.
   */
  putBackLeft(unguarded: readonly TreeNode[]): readonly string[] {
    if (this.#options.left === null) return [];
    for (const node of unguarded) this.releaseIfBornArmed(node);
    const { restored } = this.#origins.putBackLeft();
    this.#tryRecord();
    return restored;
  }

  /** Puts everything back, those born armed included, and takes the record away if that went well. */
  release(): Restored {
    const result = this.#options.dryRun ? { restored: [], failed: [] } : restore(this.#origins.record(), "at a stop");
    for (const held of [...this.held.values()]) {
      // By its descriptor too: it may have been renamed a moment ago.
      if (!this.#options.dryRun) writeKillDisable(held.oomControlFd, held.was);
      this.#forget(held);
    }
    if (result.failed.length === 0) removeRecord(this.#options.runtimeDir);
    return result;
  }

  #listen(node: TreeNode): Held | null {
    const directory = this.#options.directoryOf(node);
    const oomControlFd = this.#open(node, directory);
    if (oomControlFd === null) return null;
    const current = readOomControlFd(oomControlFd)?.killDisable === true;
    const was = current && this.#origins.wasDisabled(node);
    const delayMs = this.#options.delayOf(node);
    const held: Held = { node, directory, oomControlFd, was, isHeldOff: false, delayMs };
    this.held.set(node.ino, held);
    const error = this.#hear(held);
    if (error === null) return held;
    this.#drop(held, `cannot listen to it: ${error}`);
    return null;
  }

  #open(node: TreeNode, directory: string): number | null {
    try {
      return openToKeep(directory, node.ino, this.#keptBelow);
    } catch (error) {
      this.#options.onFault(node.path, `left to the kernel: ${(error as Error).message}`);
      return null;
    }
  }

  /** Null, or why it cannot be heard; out of descriptors it is not held either. */
  #hear(held: Held): string | null {
    try {
      return this.#options.bells.attach(held, held.directory, held.oomControlFd);
    } catch (error) {
      return (error as Error).message;
    }
  }

  #recordOrDrop(fresh: readonly Held[]): boolean {
    const error = this.#tryRecord();
    if (error === null) return true;
    for (const held of fresh) this.#drop(held, `what is armed cannot be recorded: ${error}`);
    return false;
  }

  #tryRecord(): string | null {
    if (this.#options.dryRun) return null;
    try {
      writeRecord(this.#options.runtimeDir, this.#origins.record());
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** A memcg that was removed while it was armed is no fault. */
  #drop(held: Held, why: string): void {
    const isThere = readOomControlFd(held.oomControlFd) !== null;
    writeKillDisable(held.oomControlFd, held.was);
    this.#forget(held);
    this.#options.watchdog.unwatch([held]);
    if (isThere) this.#options.onFault(held.node.path, `left to the kernel: ${why}`);
  }

  #forget(held: Held): void {
    this.held.delete(held.node.ino);
    this.#options.bells.detach(held);
    close(held.oomControlFd);
    // The number will mean another file, and somebody may still attend to this memcg.
    held.oomControlFd = -1;
  }
}
