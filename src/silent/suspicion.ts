/**
 * Whether a memcg is full for good, with nothing that the kernel could reclaim. Pure.
 *
 * Charges that the kernel refuses after it has tried to reclaim leave a memcg in a state that nothing else leaves for
 * long (measured on 6.18, without swap):
 *
 * - usage at the limit to the page. Dentries, too, fill a memcg to the page, but then reclaim frees most of them at once.
 * - no page cache: sixteen rounds of reclaim come before a charge fails, and take it all. A program whose text does not
 *   fit any more reads it again and again, and then 0.1 MiB and more are seen.
 * - no page is charged. With such a program it is tens of thousands a second.
 *
 * memory.failcnt alone shows nothing: reading a large file makes it grow by a thousand a second.
 */

/** What is seen of a memcg at one time. */
export interface Look {
  /** Monotonic. */
  readonly atMs: number;
  /** What may still be charged. The page counter is never behind. */
  readonly marginBytes: number;
  /** Page cache, clean and dirty, without tmpfs. It may be two seconds behind, like all of memory.stat. */
  readonly cacheBytes: number;
  /** Pages of processes and of page cache that were charged so far; likewise. */
  readonly pageIns: number;
}

/** The kernel charges 64 pages at a time where there is room for them. */
export const MARGIN_BYTES = 64 * 4096;
const CACHE_BYTES = 1024 * 1024;
const PAGE_INS = 64;
/** Longer than memory.stat can be behind. */
export const STILL_MS = 2_400;
/** Who is busy for so long is alive, however short of memory. */
const LONGEST_MS = 15_000;

/** Whether anything could be charged, by taking the place of page cache if need be. */
export function hasRoom({ marginBytes, cacheBytes }: Look): boolean {
  return marginBytes >= MARGIN_BYTES || cacheBytes >= CACHE_BYTES;
}

export class Suspicion {
  readonly #since: number;
  #stillSince: number;
  #pageIns: number;

  constructor(first: Look) {
    this.#since = first.atMs;
    this.#stillSince = first.atMs;
    this.#pageIns = first.pageIns;
  }

  /** What it comes to with one more look: it is so, it is not so, or null while it cannot be told. */
  take(look: Look): boolean | null {
    if (look.marginBytes >= MARGIN_BYTES) return false;
    const isStill = look.cacheBytes < CACHE_BYTES && look.pageIns - this.#pageIns <= PAGE_INS;
    if (!isStill) this.#stillSince = look.atMs;
    this.#pageIns = look.pageIns;
    if (look.atMs - this.#stillSince >= STILL_MS) return true;
    return look.atMs - this.#since >= LONGEST_MS ? false : null;
  }
}
