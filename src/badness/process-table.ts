/**
 * The badness of single processes, set while badnessd runs. A process is a pid and a start time; its children inherit its
 * value at their birth, and what becomes of the parent's afterwards is no concern of theirs. Three ways lead to that:
 *
 * - a process without an entry looks for that of a living ancestor (inherited.ts), which needs no bookkeeping;
 * - the kernel's own list of births, where we may have it, enters every descendant, orphans too, in the order of birth;
 * - where we may not, or the list was lost, the children of whoever has an entry are looked up and entered, in turn.
 *
 * In the last case a process whose parent ends before it is looked up, up to a second after its birth, keeps nothing.
 * Start times are hundredths of a second: a child born in the same one, just before its parent's value, has that value.
 */
import { inheritedEntry, type Link } from "./inherited.ts";
import type { SetValue, SetValues } from "./process-badness.ts";
import { bequeath, meaningOf, type SetEntry } from "./set-entry.ts";

/** A process and its place in the family. */
export interface Relative extends Link {
  readonly pid: number;
}

/** What the table asks of the kernel. */
export interface Family {
  /** Null if the process is gone. */
  relative(pid: number): Relative | null;
  children(pid: number): readonly number[];
}

/** A process was made: `child` is a process, no thread. */
export interface Birth {
  readonly parent: number;
  readonly child: number;
}

/** A bound for memory and for the time that a look at all takes. */
export const MOST_ENTRIES = 10_000;
/** What is left beyond these is root's: no crowd of users can keep it from setting a value. */
const MOST_WITHOUT_ROOT = 8_000;
const MOST_OF_A_USER = 1_000;
/** Some 50 ms of reading: whoever has more children than that must not make an OOM wait. */
const MOST_LOOKS = 2_000;

export class ProcessTable implements SetValues {
  /** One process at a time has a pid. */
  readonly #entries = new Map<number, SetEntry>();
  readonly #countByUid = new Map<number, number>();
  readonly #family: Family;
  readonly #parentOf: (pid: number) => Link | null;

  /** `parentOf` is asked on the hot path, and may remember for a moment. */
  constructor(family: Family, parentOf: (pid: number) => Link | null = (pid) => family.relative(pid)) {
    this.#family = family;
    this.#parentOf = parentOf;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): IterableIterator<SetEntry> {
    return this.#entries.values();
  }

  /** Asked on the hot path: reads nothing while nothing is set. */
  get(pid: number, startTime: number, ppid: number): SetValue | undefined {
    if (this.#entries.size === 0) return undefined;
    const entry = this.standing({ pid, startTime, ppid });
    return entry === undefined ? undefined : meaningOf(entry);
  }

  /** The entry that decides about a process: its own, or what it has from an ancestor. */
  standing({ pid, startTime, ppid }: Relative): SetEntry | undefined {
    const own = this.#entryOf(pid, startTime);
    if (own !== undefined) return own;
    const above = this.#above({ startTime, ppid });
    return above === undefined ? undefined : bequeath(above, { pid, startTime });
  }

  /** Whether a process of this user may be entered; root's word goes further. */
  hasRoom(uid: number, { pid, isRoot }: { readonly pid: number; readonly isRoot: boolean }): boolean {
    if (this.#entries.has(pid)) return true;
    if (isRoot) return this.size < MOST_ENTRIES;
    return this.size < MOST_WITHOUT_ROOT && (uid === 0 || this.#countOf(uid) < MOST_OF_A_USER);
  }

  /** Whoever sees to it that the children are entered first lets them keep what they have. */
  set(entry: SetEntry, ppid: number): void {
    this.put(entry);
    // Nothing is to be remembered of a process that would have nothing anyway.
    if (entry.badness === null && this.#above({ startTime: entry.startTime, ppid }) === undefined) this.drop(entry.pid);
  }

  put(entry: SetEntry): void {
    this.drop(entry.pid);
    this.#entries.set(entry.pid, entry);
    this.#countByUid.set(entry.uid, this.#countOf(entry.uid) + 1);
  }

  drop(pid: number): void {
    const entry = this.#entries.get(pid);
    if (entry === undefined) return;
    this.#entries.delete(pid);
    const left = this.#countOf(entry.uid) - 1;
    if (left > 0) this.#countByUid.set(entry.uid, left);
    else this.#countByUid.delete(entry.uid);
  }

  /** Looks for living descendants of a process and enters them with what they inherit; returns how many. */
  adopt(process: Relative): number {
    const top = this.standing(process);
    const pending = top === undefined ? [] : [top];
    let adopted = 0;
    let looks = 0;
    for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
      for (const pid of this.#family.children(parent.pid)) {
        if (++looks > MOST_LOOKS) return adopted;
        const heir = this.#heir(parent, pid);
        if (heir === null || !this.hasRoom(heir.uid, { pid, isRoot: false })) continue;
        this.put(heir);
        pending.push(heir);
        adopted += 1;
      }
    }
    return adopted;
  }

  /** Enters those who were born, in the order of their birth; returns how much changed. */
  takeIn(births: Iterable<Birth>): number {
    // Whoever is born under a pid replaces all who had it, so a parent is who had the pid at that moment.
    const heirs = new Map<number, SetEntry | null>();
    for (const { parent, child } of births) {
      heirs.set(child, heirs.has(parent) ? (heirs.get(parent) ?? null) : (this.#entries.get(parent) ?? null));
    }
    let changed = 0;
    for (const [pid, parent] of heirs) changed += this.#takeInOne(pid, parent);
    return changed;
  }

  #takeInOne(pid: number, parent: SetEntry | null): number {
    const known = this.#entries.get(pid);
    if (parent === null && known === undefined) return 0;
    const born = this.#family.relative(pid);
    if (known !== undefined && known.startTime === born?.startTime) return 0;
    this.drop(pid);
    const isHeir = parent !== null && born !== null && born.startTime >= parent.since;
    if (isHeir && this.hasRoom(parent.uid, { pid, isRoot: false })) this.put(bequeath(parent, born));
    return 1;
  }

  #heir(parent: SetEntry, pid: number): SetEntry | null {
    const child = this.#family.relative(pid);
    if (child === null || child.ppid !== parent.pid || child.startTime < parent.since) return null;
    return this.#entryOf(pid, child.startTime) === undefined ? bequeath(parent, child) : null;
  }

  #entryOf(pid: number, startTime: number): SetEntry | undefined {
    const entry = this.#entries.get(pid);
    return entry?.startTime === startTime ? entry : undefined;
  }

  #above(link: Link): SetEntry | undefined {
    return inheritedEntry(link, (pid, startTime) => this.#entryOf(pid, startTime), this.#parentOf);
  }

  #countOf(uid: number): number {
    return this.#countByUid.get(uid) ?? 0;
  }
}
