/** The counters of the running daemon, and their file: never written on the path of a kill, and seldom. */
import type { MemcgTree, TreeChanges } from "../hierarchy/tree.ts";
import { statDirectory } from "../kernel/read.ts";
import { moveAside } from "../kernel/state-file.ts";
import { Counters } from "./counters.ts";
import { type CountersState, countersFile, readCounters, writeCounters } from "./counters-file.ts";
import type { Event, Reporter } from "./events.ts";

/** What happens within this is written together. */
const GATHER_MS = 100;
const SELDOM_MS = 1_000;

export class KeptCounters {
  readonly counters: Counters;
  /** Kills by the kernel that are counted already: see Tally. */
  readonly seen: Map<bigint, number>;
  readonly #runtimeDir: string;
  readonly #onFault: (what: string) => void;
  #tree: MemcgTree | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #isFailing = false;

  /** Goes on from the file, if there is one; counts whatever `reporter` tells from now on. */
  constructor(runtimeDir: string, reporter: Reporter) {
    this.#runtimeDir = runtimeDir;
    this.#onFault = (what) => reporter.report({ type: "fault", what });
    const { memcgs, seen } = this.#load();
    this.counters = new Counters((memcg) => this.#tree?.find(memcg)?.ino ?? null, memcgs);
    this.seen = new Map(seen);
    reporter.listen((event) => this.#take(event));
  }

  /** `tree` says from now on which memcgs there are. */
  attach(tree: MemcgTree): void {
    this.#tree = tree;
    this.counters.dropGone();
  }

  /** Whether there is such a memcg. */
  has(memcg: string): boolean {
    return this.#tree?.find(memcg) != null;
  }

  /** User id of whom a memcg's directory belongs to, or null if there is no such memcg. */
  ownerOf(memcg: string): number | null {
    const node = this.#tree?.find(memcg) ?? null;
    return node === null || this.#tree === null ? null : (statDirectory(this.#tree.directoryOf(node))?.uid ?? null);
  }

  /** Removed memcgs live on in the counters of those above them, renamed ones under their new path. */
  apply({ added, removed }: TreeChanges): void {
    if (removed.length === 0) return;
    const pathOf = new Map(added.map(({ ino, path }) => [ino, path]));
    this.counters.move(new Map(removed.map(({ ino, path }) => [path, pathOf.get(ino) ?? null])));
    this.#saveSoon();
  }

  /** At the end, and wherever it must not wait. */
  save(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writtenMs = performance.now();
    try {
      writeCounters(this.#runtimeDir, { memcgs: this.counters.kept(), seen: this.seen });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#onFault(`the counters cannot be kept: ${(error as Error).message}`);
      this.#isFailing = true;
    }
  }

  #take(event: Event): void {
    if (this.counters.take(event)) this.#saveSoon();
  }

  #saveSoon(): void {
    const waitMs = Math.max(GATHER_MS, this.#writtenMs + SELDOM_MS - performance.now());
    this.#timer ??= setTimeout(() => this.save(), waitMs);
  }

  #load(): CountersState {
    try {
      return readCounters(this.#runtimeDir) ?? NOTHING;
    } catch (error) {
      this.#onFault(`${this.#setAside()}; counting from 0: ${(error as Error).message}`);
      return NOTHING;
    }
  }

  #setAside(): string {
    const file = countersFile(this.#runtimeDir);
    try {
      return `${file} is broken, and is now ${moveAside(file)}`;
    } catch (error) {
      return `${file} is broken, and cannot be moved aside (${(error as Error).message})`;
    }
  }
}

const NOTHING: CountersState = { memcgs: [], seen: new Map() };
