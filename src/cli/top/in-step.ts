/** What `top` keeps in step with the kernel and the daemon, as the daemon does: by what changes, not by reading all. */
import { type KnownXattrs, readWhenAsked } from "../../badness/known-xattrs.ts";
import { XattrKeeper } from "../../badness/xattr-keeper.ts";
import { MemcgTree } from "../../hierarchy/tree.ts";
import { nowMs } from "../../kernel/clock.ts";
import { readWatchLimit } from "../../kernel/inotify.ts";
import type { SampleOf } from "../chosen-policies.ts";
import { CommandFailed, type Context } from "../context.ts";
import { type FromDaemon, type LiveRanks, ranksFrom } from "../live.ts";
import { samplesFor } from "../samples.ts";
import type { Listener } from "./listener.ts";
import { LiveSight } from "./live-sight.ts";

/** Of the inotify watches that a user may have, the daemon's too, we take no more than one in so many. */
const PART_OF_WATCHES = 4;
/** For its children, and for its xattrs. */
const WATCHES_OF_A_MEMCG = 2;
/** Where no daemon says what it goes by, its files are read this often. */
const FILES_MS = 5_000;
/** As often as the daemon takes samples. */
const SAMPLE_MS = 5_000;

export class InStep {
  readonly #context: Context;
  readonly #listener: Listener;
  readonly #tree: MemcgTree;
  /** Null where there are too many memcgs to watch: then all are looked at, each time. */
  readonly #keeper: XattrKeeper | null;
  #xattrs: KnownXattrs;
  #answers: FromDaemon;
  #ranks: LiveRanks;
  #sampleOf: SampleOf = () => () => undefined;
  #sampleAt = 0;
  #filesUntil = nowMs() + FILES_MS;

  /** Throws CommandFailed for broken configuration files, where there is no daemon. */
  constructor(context: Context, listener: Listener) {
    const { mountPoint } = context;
    this.#context = context;
    this.#listener = listener;
    this.#answers = listener.answers;
    const all = new MemcgTree(mountPoint, false);
    const isWatched = mayWatch([...all.walk()].length);
    this.#tree = isWatched ? new MemcgTree(mountPoint, true) : all;
    this.#keeper = isWatched ? this.#watchXattrs() : null;
    this.#xattrs = this.#keeper ?? readWhenAsked(mountPoint);
    this.#ranks = ranksFrom(this.#answers, this.#xattrs);
    this.#keeper?.start();
  }

  /** Everything as it is now. */
  sight(): LiveSight {
    this.#refresh();
    const [tree, ranks, sampleOf] = [this.#tree, this.#ranks, this.#sampleOf];
    return new LiveSight({ tree, ranks, sampleOf, daemon: this.#listener.sight() });
  }

  /**
   * Takes in what policies that go by rates keep of the memcgs below this one. Where no daemon keeps it, that takes a
   * second; where there are no such policies, nothing.
   */
  async sample(top: string): Promise<void> {
    const node = this.#tree.find(top);
    if (node === null) return;
    this.#sampleOf = await samplesFor(this.#context, { tree: this.#tree, node, ...this.#ranks }, {});
  }

  /** Does so behind our back, every few seconds. */
  keepSampled(top: string): void {
    if (nowMs() < this.#sampleAt) return;
    this.#sampleAt = Number.POSITIVE_INFINITY;
    // What went wrong is said by who decides: such a policy has nothing to go by then.
    void this.sample(top)
      .catch(() => {})
      .finally(() => {
        this.#sampleAt = nowMs() + SAMPLE_MS;
      });
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
      this.#ranks = ranksFrom(this.#answers, this.#xattrs);
    } catch (error) {
      // Files that were whole when we started: as for the daemon, what they said then stands.
      if (!(error instanceof CommandFailed)) throw error;
    }
  }
}

function mayWatch(memcgs: number): boolean {
  return memcgs * WATCHES_OF_A_MEMCG * PART_OF_WATCHES <= readWatchLimit();
}
