/**
 * `lend`: raises the limit of an OOM memcg for a while, where the machine has memory to spare, and takes it back as soon
 * as the memcg gets along without. Order: record on file, then the limit; lowered, then off the record.
 */
import { minAvailableBytes } from "../config/min-available.ts";
import type { MemcgTree } from "../hierarchy/tree.ts";
import { nowMs } from "../kernel/clock.ts";
import { readMeminfo } from "../kernel/meminfo.ts";
import type { Reporter } from "../report/events.ts";
import { type Loan, readLoans, stillRaised, takeBackRecorded, writeLoans } from "./loan-record.ts";
import { getsAlong, raise, raisedBy } from "./raised-limits.ts";
import { roomAbove, unusedBytes } from "./spare-memory.ts";
import type { Attempt, Plight, Result } from "./types.ts";
import { writeAside } from "./write-aside.ts";

/** Limits are whole pages, and less than this helps nobody. */
const LEAST_BYTES = 1024 * 1024;
/** Lending takes a moment, and never more than this is left to it. */
const WINDOW_MS = 100;
/** While anything is lent, we look this often whether it can be taken back. */
const LOOK_MS = 1_000;
/** How long the kernel may reclaim to make room, and the pause after it could not. */
const LOWER_MS = 5_000;
const PAUSE_MS = 10_000;

interface Lent extends Loan {
  readonly sinceMs: number;
  notBeforeMs: number;
}

/** A loan that is out, as `badnessctl status` shows it. */
export interface LentNow {
  readonly memcg: string;
  /** How much higher its limit is than it should be. */
  readonly bytes: number;
  /** Since it was lent, or since we took it over from an earlier run. */
  readonly sinceMs: number;
}

export interface LoansOptions {
  readonly runtimeDir: string;
  readonly reporter: Reporter;
  /** `oom.system.min_available`: what is never lent. */
  reserve(): string;
}

export class Loans {
  readonly #options: LoansOptions;
  readonly #lent = new Map<bigint, Lent>();
  #tree: MemcgTree | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LoansOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier run has lent. */
  begin(tree: MemcgTree): void {
    this.#tree = tree;
    try {
      const loans = readLoans(this.#options.runtimeDir)?.loans ?? [];
      for (const loan of loans) this.#lent.set(loan.ino, { ...loan, sinceMs: nowMs(), notBeforeMs: 0 });
    } catch (error) {
      this.#fault((error as Error).message);
    }
    this.#lookLater();
  }

  /** Takes back what can be; the rest stays on record for whoever comes after us. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lent.size > 0) this.#takeBackNow();
    this.#lent.clear();
    this.#tree = null;
  }

  /** Under the names of today. */
  all(): LentNow[] {
    return [...this.#lent.values()].flatMap(({ ino, bytes, sinceMs }) => {
      const place = this.#placeOf(ino);
      return place === null ? [] : { memcg: place.memcg, bytes, sinceMs: Math.round(nowMs() - sinceMs) };
    });
  }

  /** At most so many bytes, for the OOM memcg. */
  lend(plight: Plight, bytes: number): Attempt {
    return { by: "lend", of: plight.held.node, windowMs: WINDOW_MS, begin: async () => this.#lend(plight, bytes) };
  }

  #lend({ held: { node, directory } }: Plight, mostBytes: number): Result {
    if (this.#lent.has(node.ino)) return { outcome: "pass", detail: "what it was lent before is still out" };
    const roomBytes = this.#tree === null ? 0 : roomAbove(this.#tree, node);
    const bytes = LEAST_BYTES * Math.floor(Math.min(mostBytes, this.#spareBytes(), roomBytes) / LEAST_BYTES);
    if (bytes < LEAST_BYTES) return { outcome: "pass", detail: "there is no memory to spare" };
    const limits = raisedBy(directory, bytes);
    this.#lent.set(node.ino, { memcg: node.path, ino: node.ino, bytes, limits, sinceMs: nowMs(), notBeforeMs: 0 });
    const error = this.#record();
    if (error !== null) this.#lent.delete(node.ino);
    this.#lookLater();
    const why = error ?? raise(directory, limits);
    return why === null ? { outcome: "done", gainedBytes: bytes } : { outcome: "failed", detail: why };
  }

  #spareBytes(): number {
    const { totalBytes, availableBytes } = readMeminfo();
    let promisedBytes = minAvailableBytes(this.#options.reserve(), totalBytes);
    for (const { ino, bytes } of this.#lent.values()) {
      const place = this.#placeOf(ino);
      if (place !== null) promisedBytes += unusedBytes(place.directory, bytes);
    }
    return availableBytes - promisedBytes;
  }

  #lookLater(): void {
    if (this.#lent.size > 0) this.#timer ??= setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    const tree = this.#tree;
    for (const loan of [...this.#lent.values()]) {
      const isSettled = nowMs() >= loan.notBeforeMs && (await this.#tryTakeBack(loan));
      // Ended meanwhile: what is on record is another's.
      if (this.#tree !== tree) return;
      if (isSettled) this.#settle(loan);
    }
    this.#timer = null;
    this.#lookLater();
  }

  #settle(loan: Lent): void {
    this.#lent.delete(loan.ino);
    const error = this.#record();
    if (error !== null) this.#fault(error, loan.memcg);
  }

  /** True once the memcg owes nothing any more. Never rejects. */
  async #tryTakeBack(loan: Lent): Promise<boolean> {
    try {
      return await this.#takeBack(loan);
    } catch (error) {
      loan.notBeforeMs = nowMs() + PAUSE_MS;
      this.#fault(`what it was lent cannot be taken back yet: ${(error as Error).message}`, loan.memcg);
      return false;
    }
  }

  /** True if it is gone, somebody else has set its limits, or they are as they were. */
  async #takeBack(loan: Lent): Promise<boolean> {
    const place = this.#placeOf(loan.ino);
    const raised = place === null ? [] : stillRaised(place.directory, loan);
    if (place === null || raised.length === 0) return true;
    const { directory, memcg } = place;
    if (!getsAlong(directory, raised)) return false;
    const lower = raised.map(({ file, wasBytes }) => [file, `${wasBytes}`] as const);
    await writeAside(directory, lower, LOWER_MS);
    loan.notBeforeMs = nowMs() + PAUSE_MS;
    if (stillRaised(directory, loan).length > 0) return false;
    this.#told(memcg, loan.bytes, nowMs() - loan.sinceMs);
    return true;
  }

  #takeBackNow(): void {
    this.#record();
    try {
      const { returned, kept } = takeBackRecorded(this.#options.runtimeDir, "patiently");
      for (const { memcg, ino, bytes } of returned) {
        this.#told(memcg, bytes, nowMs() - (this.#lent.get(ino)?.sinceMs ?? nowMs()));
      }
      for (const { loan, why } of kept) this.#fault(`what it was lent cannot be taken back yet: ${why}`, loan.memcg);
    } catch (error) {
      this.#fault((error as Error).message);
    }
  }

  /** By its inode number: it may have been renamed. Null if it is gone. */
  #placeOf(ino: bigint): { readonly memcg: string; readonly directory: string } | null {
    const tree = this.#tree;
    for (const node of tree?.walk() ?? []) {
      if (node.ino === ino && tree !== null) return { memcg: node.path, directory: tree.directoryOf(node) };
    }
    return null;
  }

  /** Under the names of today, and without memcgs that are gone. Null, or why it cannot be written. */
  #record(): string | null {
    try {
      const loans = [...this.#lent.values()].flatMap(({ ino, bytes, limits }) => {
        const place = this.#placeOf(ino);
        return place === null ? [] : { memcg: place.memcg, ino, bytes, limits };
      });
      writeLoans(this.#options.runtimeDir, { mountPoint: this.#tree?.mountPoint ?? "", loans });
      return null;
    } catch (error) {
      return `what is lent cannot be recorded: ${(error as Error).message}`;
    }
  }

  #told(memcg: string, bytes: number, tookMs: number): void {
    this.#options.reporter.report({ type: "loan-returned", memcg, bytes, tookMs });
  }

  #fault(what: string, memcg?: string): void {
    this.#options.reporter.report({ type: "fault", what, ...(memcg !== undefined && { memcg }) });
  }
}
