/**
 * Notices in time that the machine runs out of memory. MemAvailable decides; the bells, and a tick once a second, say
 * when to look at it. Only while memory is on the move and could run out before the next tick is it polled, as often as
 * the fastest memory there is demands.
 */
import type { Settings } from "../config/types.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { StuckProcesses } from "../kill/tried.ts";
import { STALL_WINDOW_MS, SystemBells } from "../notify/system-bells.ts";
import { rehearseAt } from "../oom/rehearse.ts";
import type { Rooms } from "../oom/rooms.ts";
import { attendSystem } from "./attend.ts";
import { type Assessment, isWanted, nextLookMs } from "./limits.ts";
import { Machine } from "./machine.ts";
import { leftToKernel, whyNotHere } from "./means.ts";

/** How often somebody calls `tick`. */
const TICK_MS = 1_000;
/** After a ring memory counts as moving for longer than PSI may keep silent. */
const MOVING_MS = STALL_WINDOW_MS + 500;
/** Pause after something went wrong, so that it does not go wrong in a circle. */
const RETRY_MS = 1_000;
/** A dry run tells of the next shortage when there was none for so long. */
const CALM_MS = 3_000;

export interface SystemWatchOptions {
  readonly rooms: Rooms;
  /** Those in force now. */
  settings(): Settings;
  /** A memcg's delay. */
  delayOf(node: TreeNode): number;
  /** Takes in what became of the tree. */
  refresh(): void;
  readonly proc?: string;
}

export class SystemWatch {
  readonly #options: SystemWatchOptions;
  readonly #stuck = new StuckProcesses();
  readonly #said = new Set<string>();
  #machine: Machine | null = null;
  #bells: SystemBells | null = null;
  #movingUntilMs = 0;
  #shortMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #attendance: Promise<void> | null = null;

  constructor(options: SystemWatchOptions) {
    this.#options = options;
  }

  /** Begins, ends, or goes on, as the settings say that are in force now. */
  configure(): void {
    const isAsked = isWanted(this.#options.settings());
    const why = isAsked ? this.#tryBegin() : null;
    if (why !== null) this.#sayOnce(leftToKernel(why));
    if (isAsked && why === null) this.tick();
    else this.stop();
  }

  /** Or a system-wide OOM is left to the kernel. */
  get isWatching(): boolean {
    return this.#bells !== null;
  }

  /** Once a second. */
  tick(): void {
    if (this.#attendance === null) this.#look();
  }

  stop(): void {
    this.#wait(null);
    this.#bells?.close();
    this.#bells = null;
    this.#machine?.close();
    this.#machine = null;
  }

  /** Null, or why a system-wide OOM is none of our business. */
  #tryBegin(): string | null {
    try {
      return this.#begin();
    } catch (error) {
      return (error as Error).message;
    }
  }

  #begin(): string | null {
    const { rooms, settings, proc } = this.#options;
    const why = whyNotHere(rooms.tree.mountPoint, settings().system, proc);
    if (why !== null) return why;
    this.#machine ??= new Machine({ root: rooms.tree.root, settings, ...(proc !== undefined && { proc }) });
    this.#bells ??= this.#newBells(rooms.tree.mountPoint);
    return null;
  }

  #newBells(directory: string): SystemBells {
    const bells = new SystemBells(directory, () => this.#onRing(), this.#options.proc);
    const why = bells.stallRefused;
    if (why !== null)
      this.#sayOnce(`/proc/pressure/memory: ${why}: swap that is too slow may be noticed late, or never`);
    return bells;
  }

  #onRing(): void {
    this.#movingUntilMs = nowMs() + MOVING_MS;
    this.tick();
  }

  #look(): void {
    const machine = this.#machine;
    if (machine === null) return;
    const assessment = machine.assess();
    if (!assessment.isShort) this.#waitForMore(assessment);
    else if (this.#options.rooms.dryRun) this.#rehearse(machine);
    else this.#attendance = this.#attend(machine);
  }

  /** Polls while memory is on the move, and listens while it is not. */
  #waitForMore(assessment: Assessment): void {
    const bells = this.#bells;
    if (bells === null) return;
    if (bells.hasRung()) this.#movingUntilMs = nowMs() + MOVING_MS;
    const isMoving = nowMs() < this.#movingUntilMs;
    if (!isMoving) bells.listen(assessment.roomBytes);
    const { refused } = bells;
    if (refused.length > 0) this.#sayOnce(`memory is polled, as the kernel does not tell: ${refused.join(", ")}`);
    this.#wait(nextLookMs(assessment, { isMoving, isHeard: refused.length === 0, tickMs: TICK_MS }));
  }

  #wait(ms: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = ms === null ? null : setTimeout(() => this.tick(), ms);
  }

  /** Says once in a shortage who would have died. */
  #rehearse({ node }: Machine): void {
    if (nowMs() - this.#shortMs > CALM_MS) rehearseAt(node, this.#options.rooms);
    this.#shortMs = nowMs();
  }

  /** Never rejects. Nothing may stand between the look and the kill, so it begins within this very call. */
  async #attend(machine: Machine): Promise<void> {
    const { rooms, delayOf, refresh } = this.#options;
    try {
      refresh();
      await attendSystem(machine, rooms, this.#stuck, delayOf(machine.node));
    } catch (error) {
      const what = `the OOM is left to the kernel: ${(error as Error).stack}`;
      rooms.reporter.report({ type: "fault", memcg: machine.node.path, what });
      await sleep(RETRY_MS);
    }
    this.#attendance = null;
    this.#movingUntilMs = nowMs() + MOVING_MS;
    this.#look();
  }

  #sayOnce(what: string): void {
    if (!this.#said.has(what)) this.#options.rooms.reporter.report({ type: "note", what });
    this.#said.add(what);
  }
}
