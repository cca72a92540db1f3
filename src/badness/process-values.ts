/** The running daemon's values of single processes: kept in step with births and deaths, and on file. */
import { Births } from "../kernel/births.ts";
import { nowMs } from "../kernel/clock.ts";
import { readBootId, readChildren, readRelative } from "../kernel/family.ts";
import { remembering } from "./inherited.ts";
import type { SetValue, SetValues } from "./process-badness.ts";
import { ProcessTable, type Relative } from "./process-table.ts";
import type { SetEntry } from "./set-entry.ts";
import { readEntries, writeEntries } from "./set-entry-file.ts";

/** While something is set, so often the dead are dropped and what changed is written. */
const TICK_MS = 1_000;
/** What a decision has read of ancestors and births holds for all of it, and for no other. */
const FRESH_MS = 20;
/** An OOM waits no longer than this for a tick. */
const LONGEST_LOOK_MS = 5;
/** Whoever sets values all the time does not make us write all the time. */
const WRITE_APART_MS = 200;

export class ProcessValues implements SetValues {
  readonly #parents = remembering(readRelative);
  readonly #table = new ProcessTable({ relative: readRelative, children: readChildren }, this.#parents.of);
  readonly #bootId = readBootId();
  readonly #runtimeDir: string;
  readonly #onFault: (what: string) => void;
  #births: Births | null = null;
  #timer: NodeJS.Timeout | null = null;
  #freshUntil = 0;
  #lap: Iterator<SetEntry> | null = null;
  /** Entries whose children are to be looked up still, since their births were not told. */
  #toAdopt = 0;
  #isDirty = false;
  #writtenAt = -Infinity;
  #fault = "";

  constructor(runtimeDir: string, onFault: (what: string) => void) {
    this.#runtimeDir = runtimeDir;
    this.#onFault = onFault;
  }

  /** Takes in what an earlier daemon has left. */
  load(): void {
    const entries = readEntries(this.#runtimeDir, this.#bootId, this.#onFault);
    if (entries.length > 0) this.#wake();
    for (const entry of entries) if (isAlive(entry)) this.#table.put(entry);
    this.#isDirty = entries.length > this.#table.size;
    this.#toAdopt = this.#table.size;
  }

  get(pid: number, startTime: number, ppid: number): SetValue | undefined {
    if (this.#table.size === 0) return undefined;
    this.#freshen();
    return this.#table.get(pid, startTime, ppid);
  }

  /** For who asks outside of a decision: what was read for the last one is forgotten. */
  refresh(): void {
    this.#freshUntil = 0;
    this.#freshen();
  }

  entries(): SetEntry[] {
    return [...this.#table.entries()];
  }

  standing(process: Relative): SetEntry | undefined {
    return this.#table.standing(process);
  }

  hasRoom(uid: number, who: { readonly pid: number; readonly isRoot: boolean }): boolean {
    return this.#table.hasRoom(uid, who);
  }

  /** In force when this returns. Children that are there keep what they have. */
  set(entry: SetEntry, process: Relative): void {
    this.#wake();
    this.refresh();
    if (this.#births === null || this.#toAdopt > 0) this.#table.adopt(process);
    this.#table.set(entry, process.ppid);
    this.#isDirty = true;
    this.#freshUntil = 0;
    if (nowMs() - this.#writtenAt > WRITE_APART_MS) this.#write();
  }

  /** Writes what is not on file yet. */
  close(): void {
    this.#rest();
    this.#write();
  }

  #wake(): void {
    if (this.#timer !== null) return;
    this.#births = Births.open();
    this.#timer = setInterval(() => this.#onTick(), TICK_MS);
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#births?.close();
    this.#timer = null;
    this.#births = null;
  }

  #onTick(): void {
    this.#takeInBirths();
    this.#look();
    this.#write();
    if (this.#table.size === 0 && !this.#isDirty) this.#rest();
  }

  /** What was read for another decision is forgotten. */
  #freshen(): void {
    if (nowMs() < this.#freshUntil) return;
    this.#parents.forget();
    this.#takeInBirths();
    this.#freshUntil = nowMs() + FRESH_MS;
  }

  #takeInBirths(): void {
    if (this.#births === null) return;
    const { births, isComplete } = this.#births.drain();
    if (this.#table.takeIn(births) > 0) this.#isDirty = true;
    if (!isComplete) this.#toAdopt = this.#table.size;
  }

  /** Goes on where the last look ended: drops the dead, and looks up the children whose births nobody told. */
  #look(): void {
    const end = nowMs() + LONGEST_LOOK_MS;
    this.#lap ??= this.#table.entries();
    while (nowMs() < end) {
      const { done, value: entry } = this.#lap.next();
      if (done === true) {
        this.#lap = null;
        return;
      }
      this.#lookAfter(entry);
    }
  }

  #lookAfter(entry: SetEntry): void {
    const process = readRelative(entry.pid);
    const isToAdopt = this.#births === null || this.#toAdopt > 0;
    if (this.#toAdopt > 0) this.#toAdopt -= 1;
    if (process?.startTime !== entry.startTime) this.#table.drop(entry.pid);
    else if (!isToAdopt || this.#table.adopt(process) === 0) return;
    this.#isDirty = true;
  }

  #write(): void {
    if (!this.#isDirty) return;
    this.#writtenAt = nowMs();
    try {
      writeEntries(this.#runtimeDir, this.#bootId, this.#table.entries());
      this.#isDirty = false;
      this.#fault = "";
    } catch (error) {
      const what = `cannot keep the badness of processes on file: ${(error as Error).message}`;
      // Said once, and tried again with every tick.
      if (what !== this.#fault) this.#onFault(what);
      this.#fault = what;
    }
  }
}

function isAlive({ pid, startTime }: SetEntry): boolean {
  return readRelative(pid)?.startTime === startTime;
}
