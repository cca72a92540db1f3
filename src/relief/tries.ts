/** What was tried in which OOM, and watching over it while it goes on. */
import { nowMs, sleep } from "../kernel/clock.ts";
import type { ReliefTried } from "../report/relief-event.ts";
import type { Attempt, Plight, Result } from "./types.ts";

const POLL_MS = 5;
/** Memory that was let go of has come back by then, and those who waited for it have woken up. */
const SETTLE_MS = 100;
/** When nobody waits any more, those who are nearly through may say so. */
const LAST_WORDS_MS = 20;
/** What must be left of the delay for killing: a second, or a quarter of a shorter delay. */
const FOR_THE_KILL_MS = 1_000;
/** Less is not worth beginning with anything. */
const SHORTEST_MS = 10;

interface Try {
  readonly attempt: Attempt;
  readonly plight: Plight;
  readonly beganMs: number;
  readonly endMs: number;
  /** Not again before that, in an OOM that comes back. */
  readonly againMs: number;
  readonly usageBytes: number;
  result: Result | null;
  endedMs: number | null;
}

export class Tries {
  readonly #tries = new Map<string, Try>();

  /** Of some attempts those that there is a point in waiting for: not tried yet, or not ended. */
  open(attempts: readonly Attempt[], plight: Plight): Attempt[] {
    return attempts.filter((attempt) => this.#isOpen(attempt, plight));
  }

  /** Begins them all, or goes on with them, until they are through, their time is over, or nobody waits any more. */
  async go(attempts: readonly Attempt[], plight: Plight): Promise<ReliefTried[]> {
    this.#prune();
    const tries = attempts.map((attempt) => this.#begin(attempt, plight));
    const leastBytes = await watch(tries, plight);
    return tries.map((each) => tellOf(each, plight, leastBytes));
  }

  #isOpen(attempt: Attempt, plight: Plight): boolean {
    const before = this.#tries.get(keyOf(attempt, plight));
    const leftMs = latestMs(plight) - nowMs();
    if (before !== undefined && isGoingOn(before)) return leftMs >= POLL_MS;
    if (before !== undefined && (before.plight === plight || nowMs() < before.againMs)) return false;
    return Math.min(attempt.windowMs, leftMs) >= SHORTEST_MS;
  }

  #begin(attempt: Attempt, plight: Plight): Try {
    const before = this.#tries.get(keyOf(attempt, plight));
    if (before !== undefined && isGoingOn(before)) return before;
    const { delayMs } = plight.held;
    const beganMs = nowMs();
    const endMs = Math.min(beganMs + attempt.windowMs, latestMs(plight));
    const { usageBytes } = plight.fill();
    const end = { result: null, endedMs: null };
    const begun: Try = { attempt, plight, beganMs, endMs, againMs: beganMs + delayMs, usageBytes, ...end };
    this.#tries.set(keyOf(attempt, plight), begun);
    void resultOf(attempt, endMs - beganMs).then((result) => {
      begun.result = result;
      begun.endedMs = nowMs();
    });
    return begun;
  }

  #prune(): void {
    for (const [key, each] of this.#tries) {
      if (nowMs() >= each.againMs && !isGoingOn(each) && !each.plight.isWaiting()) this.#tries.delete(key);
    }
  }
}

/** What goes wrong in an attempt is its failure: out of descriptors, as a rule. */
async function resultOf(attempt: Attempt, windowMs: number): Promise<Result> {
  try {
    return await attempt.begin(windowMs);
  } catch (error) {
    return { outcome: "failed", detail: (error as Error).message };
  }
}

/** An OOM is known by its memcg here: one that comes back at once is still the same trouble. */
function keyOf({ by, of }: Attempt, { held }: Plight): string {
  return `${held.node.ino} ${by} ${of.ino}`;
}

function isGoingOn({ result, endMs }: Try): boolean {
  return result === null && nowMs() < endMs;
}

function latestMs({ deadlineMs, held }: Plight): number {
  return deadlineMs - Math.min(FOR_THE_KILL_MS, held.delayMs / 4);
}

/** Returns the least usage that was seen. */
async function watch(tries: readonly Try[], plight: Plight): Promise<number> {
  let leastBytes = Number.POSITIVE_INFINITY;
  let calmMs = Number.POSITIVE_INFINITY;
  let throughMs = Number.POSITIVE_INFINITY;
  for (;;) {
    // 0 is what is read of a memcg that is gone.
    leastBytes = Math.min(leastBytes, plight.fill().usageBytes || leastBytes);
    if (plight.isSuperseded() || nowMs() >= latestMs(plight)) return leastBytes;
    const goesOn = tries.some(isGoingOn);
    calmMs = plight.isWaiting() ? Number.POSITIVE_INFINITY : Math.min(calmMs, nowMs());
    if (nowMs() >= calmMs + (goesOn ? LAST_WORDS_MS : 0)) return leastBytes;
    if (!goesOn) throughMs = Math.min(throughMs, nowMs());
    const isDone = tries.some(({ result }) => result?.outcome === "done");
    if (nowMs() >= throughMs + (isDone ? SETTLE_MS : 0)) return leastBytes;
    await sleep(POLL_MS);
  }
}

function tellOf(each: Try, plight: Plight, leastBytes: number): ReliefTried {
  const { attempt, beganMs, endMs, usageBytes } = each;
  const result: Result = each.result ?? { outcome: nowMs() >= endMs ? "timed out" : "unfinished" };
  return {
    by: attempt.by,
    of: attempt.of.path,
    outcome: result.outcome,
    detail: result.detail ?? null,
    windowMs: Math.round(endMs - beganMs),
    tookMs: (each.endedMs ?? nowMs()) - beganMs,
    gainedBytes: result.gainedBytes ?? Math.max(0, usageBytes - leastBytes),
    relieved: !plight.isWaiting(),
  };
}
