/** Which memcgs are out of memory, and one `attend` for each of them that is not part of another's. */

import type { TreeNode } from "../hierarchy/tree.ts";
import type { Held } from "../hold/hold.ts";
import { sleep } from "../kernel/clock.ts";
import { readOomControlFd } from "../kernel/memcg.ts";
import { StuckProcesses } from "../kill/tried.ts";
import { attend, beginMemcgOom, endMemcgOom, type MemcgOom } from "./attend.ts";
import { attendSilent } from "./attend-silent.ts";
import { rehearse } from "./rehearse.ts";
import type { Rooms } from "./rooms.ts";
import { isWaiting, oomMemcgOf } from "./situation.ts";

/** Pause after something went wrong, so that it does not go wrong in a circle. */
const RETRY_MS = 1_000;

export class OomHandler {
  /** By inode number of the OOM memcg. */
  readonly #attending = new Map<bigint, Promise<void>>();
  /** OOMs that one above them has come before, by inode number of their memcg: their delays run on. */
  readonly #interrupted = new Map<bigint, MemcgOom>();
  readonly #stuck = new StuckProcesses();
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** A bell rang: looks at everybody on it. */
  onRing(members: Iterable<Held>): void {
    if (this.#rooms.dryRun) rehearse(members, this.#rooms);
    else for (const held of members) this.#lookAt(held);
  }

  /**
   * Looks at every memcg, signal or no signal: a notification that was lost is found here, and a memcg that somebody
   * else gave back to the kernel's killer is held again. Returns those.
   */
  lookAtAll(): Held[] {
    const loose: Held[] = [];
    for (const held of this.#rooms.hold.held.values()) {
      const control = readOomControlFd(held.oomControlFd);
      this.#rooms.books.note(held.node, control?.killed ?? null);
      if (control?.underOom === true) this.#lookAt(held);
      else if (control?.killDisable === false && held.isHeldOff && !this.#attending.has(held.node.ino))
        loose.push(held);
    }
    this.#endInterrupted();
    return loose;
  }

  /** Whether anybody is being attended to. */
  get isBusy(): boolean {
    return this.#attending.size > 0;
  }

  #lookAt(held: Held): void {
    const { tree, hold } = this.#rooms;
    const oomMemcg = oomMemcgOf(held, tree, hold.held);
    if (oomMemcg === null || this.#isAttended(oomMemcg.node)) return;
    const below = this.#attendedBelow(oomMemcg.node);
    const path = () => this.#attend(oomMemcg);
    // Nothing may stand between the wake-up and the kill, so without others below it starts within this very call.
    const attendance =
      below.length === 0 ? this.#guarded(oomMemcg, path) : Promise.all(below).then(() => this.#guarded(oomMemcg, path));
    this.#occupy(oomMemcg, attendance);
  }

  async #attend(held: Held): Promise<void> {
    const { ino } = held.node;
    const before = this.#interrupted.get(ino);
    this.#interrupted.delete(ino);
    const isSuperseded = () => this.#hasOomAbove(held);
    const oom = before?.held === held ? before : beginMemcgOom(held, this.#rooms, this.#stuck, isSuperseded);
    if (!(await attend(oom, this.#rooms))) this.#interrupted.set(ino, oom);
  }

  /** What was interrupted may be over by now. */
  #endInterrupted(): void {
    for (const [ino, oom] of this.#interrupted) {
      if (isWaiting(oom.held) === true) continue;
      this.#interrupted.delete(ino);
      void this.#guarded(oom.held, async () => endMemcgOom(oom, this.#rooms));
    }
  }

  /**
   * Kills for a memcg in which charges fail and nobody waits, while `failsOn` resolves to true. True if it has room
   * again. An OOM in which somebody waits comes first.
   */
  relieve(held: Held, failsOn: () => Promise<boolean>): Promise<boolean> {
    const attempt = async (kill: () => Promise<void>) => {
      if (this.#isAttended(held.node) || this.#attendedBelow(held.node).length > 0) return false;
      const attendance = this.#guarded(held, kill);
      this.#occupy(held, attendance);
      await attendance;
      return true;
    };
    return attendSilent(held, this.#rooms, this.#stuck, { attempt, failsOn });
  }

  #occupy({ node }: Held, attendance: Promise<void>): void {
    this.#attending.set(node.ino, attendance);
    attendance.finally(() => {
      this.#attending.delete(node.ino);
      // While a memcg waits, an OOM above it fires no signal: look at once, not at the next tick.
      for (const other of this.#rooms.hold.held.values()) if (isWaiting(other) === true) this.#lookAt(other);
      this.#endInterrupted();
    });
  }

  /** Never rejects: what goes wrong in one memcg is said, and its failsafe has the delay. */
  async #guarded(held: Held, path: () => Promise<void>): Promise<void> {
    try {
      await path();
    } catch (error) {
      const what = `the OOM is left to the kernel: ${(error as Error).stack}`;
      this.#rooms.reporter.report({ type: "fault", memcg: held.node.path, what });
      await sleep(RETRY_MS);
    }
  }

  #isAttended(node: TreeNode): boolean {
    for (let at: TreeNode | null = node; at !== null; at = at.parent) {
      if (this.#attending.has(at.ino)) return true;
    }
    return false;
  }

  #attendedBelow(node: TreeNode): Promise<void>[] {
    if (this.#attending.size === 0) return [];
    return Array.from(this.#rooms.tree.walk(node)).flatMap(({ ino }) => this.#attending.get(ino) ?? []);
  }

  #hasOomAbove(held: Held): boolean {
    const above = oomMemcgOf(held, this.#rooms.tree, this.#rooms.hold.held);
    return above !== null && above !== held;
  }
}
