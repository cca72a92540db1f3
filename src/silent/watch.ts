/**
 * Notices the OOM that nobody hears of. With the kernel's killer held off only user page faults wait and are signalled;
 * any other charge fails at once: a write to tmpfs, a pipe, mlock, read(2) into untouched memory, fork.
 *
 *     the kernel can hardly reclaim → who is full to the page? → still so after some seconds → said once, and handled
 */

import type { SilentMode } from "../config/types.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Held } from "../hold/hold.ts";
import { sleep } from "../kernel/clock.ts";
import { readFailures } from "../kernel/memcg.ts";
import { ReclaimBell } from "../notify/reclaim-bell.ts";
import { reportSilent } from "../oom/accounts.ts";
import type { OomHandler } from "../oom/handler.ts";
import type { Rooms } from "../oom/rooms.ts";
import { isWaiting } from "../oom/situation.ts";
import { type Counter, type Failures, tellingCounter } from "./evidence.ts";
import { marginOf, nearerLimit, takeLook } from "./look.ts";
import { hasRoom, MARGIN_BYTES, Suspicion } from "./suspicion.ts";

/** An OOM in which somebody waits rings this bell too, and comes first. */
const AFTER_RING_MS = 50;
const LOOK_MS = 300;
/** A look takes some 20 µs, and an OOM in which somebody waits may have to be handled meanwhile. */
const LOOKS_A_TURN = 32;
/** Seconds with room in a row after which another silent OOM is another one. */
const CALM_TICKS = 5;

export interface SilentWatchOptions {
  readonly rooms: Rooms;
  readonly handler: OomHandler;
  mode(): SilentMode;
}

export class SilentWatch {
  readonly #options: SilentWatchOptions;
  readonly #bell = new ReclaimBell(() => this.#onRing());
  /** What was counted when it was armed, or when a silent OOM was over. */
  readonly #before = new WeakMap<Held, Failures>();
  readonly #suspects = new Set<Held>();
  /** Those of whom it was said, and for how many ticks there has been room since. */
  readonly #told = new Map<Held, number>();
  readonly #heard = new WeakSet<TreeNode>();
  #rings = 0;
  #isStopped = false;

  constructor(options: SilentWatchOptions) {
    this.#options = options;
  }

  /** Listens to a memcg from now on, for as long as it is held. */
  attach(held: Held): void {
    // In a dry run the kernel's killer is not held off, and sees to these OOMs too.
    if (this.#isStopped || this.#options.rooms.dryRun) return;
    this.#before.set(held, readFailures(held.directory));
    // What is registered lasts as long as the memcg, armed or not.
    if (this.#heard.has(held.node)) return;
    this.#heard.add(held.node);
    const why = this.#bell.attach(held.directory);
    if (why !== null && isWaiting(held) !== null) this.#fault(`${held.node.path} cannot be listened to: ${why}`);
  }

  /** Once a second. */
  tick(): void {
    this.#bell.listen();
    for (const [held, calmTicks] of this.#told) {
      const isCalm = held.oomControlFd < 0 || hasRoom(takeLook(held.directory));
      if (isCalm && calmTicks + 1 >= CALM_TICKS) this.#forget(held);
      else this.#told.set(held, isCalm ? calmTicks + 1 : 0);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#bell.close();
  }

  #onRing(): void {
    this.#rings += 1;
    setTimeout(() => void this.#lookAround().catch((error: Error) => this.#fault(error.message)), AFTER_RING_MS);
  }

  /** The bell does not say whose it was. */
  async #lookAround(): Promise<void> {
    let looks = 0;
    for (const held of this.#options.rooms.hold.held.values()) {
      if (this.#isStopped) return;
      if (this.#suspects.has(held) || this.#told.has(held)) continue;
      if (marginOf(nearerLimit(held.directory)) < MARGIN_BYTES) void this.#suspect(held);
      if (++looks % LOOKS_A_TURN === 0) await sleep(0);
    }
  }

  async #suspect(held: Held): Promise<void> {
    this.#suspects.add(held);
    try {
      const before = this.#before.get(held) ?? readFailures(held.directory);
      const counter = await this.#observe(held, before, this.#rings - 1);
      if (counter !== null) await this.#tell(held, counter);
    } catch (error) {
      this.#fault((error as Error).message);
    }
    this.#suspects.delete(held);
  }

  async #tell(held: Held, counter: Counter): Promise<void> {
    const { rooms, handler } = this.#options;
    const mode = this.#options.mode();
    reportSilent(rooms, held, counter, mode);
    const isOver = mode === "handle" && (await handler.relieve(held, () => this.#failsOn(held)));
    if (isOver) this.#forget(held);
    else this.#told.set(held, 0);
  }

  /** Whether charges have failed since this was asked, and there is no room for more. */
  async #failsOn(held: Held): Promise<boolean> {
    this.#bell.forget();
    return (await this.#observe(held, readFailures(held.directory), this.#rings)) !== null;
  }

  /** Stays with a memcg until it is sure: the counter that tells of charges that failed, or null. */
  async #observe(held: Held, before: Failures, rings: number): Promise<Counter | null> {
    const suspicion = new Suspicion(takeLook(held.directory));
    for (let isFull: boolean | null = null; isFull !== true; ) {
      await sleep(LOOK_MS);
      // Somebody waits, or it is no longer held: not ours.
      if (this.#isStopped || isWaiting(held) !== false) return null;
      isFull = suspicion.take(takeLook(held.directory));
      if (isFull === false) return null;
    }
    const hasRungAtSwapLimit = this.#rings > rings && nearerLimit(held.directory).isSwapLimit;
    return tellingCounter(before, readFailures(held.directory), hasRungAtSwapLimit);
  }

  #fault(why: string): void {
    this.#options.rooms.reporter.report({ type: "fault", what: `a silent OOM might not be noticed: ${why}` });
  }

  #forget(held: Held): void {
    this.#told.delete(held);
    this.#before.set(held, readFailures(held.directory));
  }
}
