/** What `top` keeps in step with the kernel and the daemon, as the daemon does: by what changes, not by reading all. */
import { type KnownXattrs, readWhenAsked } from "../../badness/known-xattrs.ts";
import { XattrKeeper } from "../../badness/xattr-keeper.ts";
import { MemcgTree } from "../../hierarchy/tree.ts";
import { nowMs } from "../../kernel/clock.ts";
import { readWatchLimit } from "../../kernel/inotify.ts";
import { CommandFailed } from "../context.ts";
import { type FromDaemon, type LiveRanks, ranksOf } from "../live.ts";
import type { Listener } from "./listener.ts";
import { LiveSight } from "./live-sight.ts";

/** Of the inotify watches that a user may have, the daemon's too, we take no more than one in so many. */
const PART_OF_WATCHES = 4;
/** For its children, and for its xattrs. */
const WATCHES_OF_A_MEMCG = 2;
/** Where no daemon says what it goes by, its files are read this often. */
const FILES_MS = 5_000;

export class InStep {
  readonly #listener: Listener;
  readonly #tree: MemcgTree;
  /** Null where there are too many memcgs to watch: then all are looked at, each time. */
  readonly #keeper: XattrKeeper | null;
  #xattrs: KnownXattrs;
  #answers: FromDaemon;
  #ranks: LiveRanks;
  #filesUntil = nowMs() + FILES_MS;

  /** Throws CommandFailed for broken configuration files, where there is no daemon. */
  constructor(mountPoint: string, listener: Listener) {
    this.#listener = listener;
    this.#answers = listener.answers;
    const all = new MemcgTree(mountPoint, false);
    const isWatched = mayWatch([...all.walk()].length);
    this.#tree = isWatched ? new MemcgTree(mountPoint, true) : all;
    this.#keeper = isWatched ? this.#watchXattrs() : null;
    this.#xattrs = this.#keeper ?? readWhenAsked(mountPoint);
    this.#ranks = ranksOf(this.#answers, this.#xattrs);
    this.#keeper?.start();
  }

  /** Everything as it is now. */
  sight(): LiveSight {
    this.#refresh();
    return new LiveSight(this.#tree, this.#ranks, this.#listener.sight());
  }

  close(): void {
    this.#keeper?.stop();
    this.#tree.close();
  }

  #watchXattrs(): XattrKeeper {
    return new XattrKeeper({
      tree: this.#tree,
      onChange: (nodes) => {
        for (const node of nodes) this.#ranks.priorities.refresh(node);
      },
      onIgnored: () => {},
    });
  }

  #refresh(): void {
    if (this.#keeper === null) {
      this.#tree.rescan();
      this.#xattrs = readWhenAsked(this.#tree.mountPoint);
    } else {
      this.#keeper.take(this.#tree.degraded === null ? this.#tree.drain() : this.#tree.rescan());
      this.#keeper.lookAgain();
    }
    const isOld = this.#answers.config === null && nowMs() > this.#filesUntil;
    if (isOld || this.#keeper === null || this.#listener.answers !== this.#answers) this.#renewRanks();
  }

  #renewRanks(): void {
    this.#answers = this.#listener.answers;
    this.#filesUntil = nowMs() + FILES_MS;
    try {
      this.#ranks = ranksOf(this.#answers, this.#xattrs);
    } catch (error) {
      // Files that were whole when we started: as for the daemon, what they said then stands.
      if (!(error instanceof CommandFailed)) throw error;
    }
  }
}

function mayWatch(memcgs: number): boolean {
  return memcgs * WATCHES_OF_A_MEMCG * PART_OF_WATCHES <= readWatchLimit();
}
