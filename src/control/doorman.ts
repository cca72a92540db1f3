/** Who may come in to the control socket, how many at once, and for how long: nobody's crowd keeps others out. */
import type { Socket } from "node:net";
import { peerOf } from "../kernel/peer.ts";

/** Of each user, root too; who comes after that takes the place of their own oldest. */
const MOST_OF_A_USER = 16;
/** Of all users but root together. */
const MOST_GUESTS = 64;
/** A connection that lasts longer has not been asking something. */
const LONGEST_STAY_MS = 5_000;
const ROOT = 0;

export class Doorman {
  /** Oldest first. */
  readonly #inside = new Map<number, Set<Socket>>();
  readonly #deadlines = new WeakMap<Socket, NodeJS.Timeout>();
  #guests = 0;

  /** Shows somebody out at once where there are too many, and in time whoever does not leave. */
  receive(socket: Socket): void {
    socket.on("error", () => {});
    const uid = peerOf(socket)?.uid;
    if (uid === undefined || !this.#makeRoom(uid)) {
      socket.destroy();
      return;
    }
    this.#enter(uid, socket);
    this.#deadlines.set(
      socket,
      setTimeout(() => socket.destroy(), LONGEST_STAY_MS),
    );
    socket.once("close", () => this.#leave(uid, socket));
  }

  /** Lets one stay for as long as they like: for those who follow the events. */
  letStay(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
  }

  #makeRoom(uid: number): boolean {
    const own = this.#inside.get(uid);
    const oldest = own?.values().next().value;
    const isFull = (own?.size ?? 0) >= MOST_OF_A_USER || (uid !== ROOT && this.#guests >= MOST_GUESTS);
    if (!isFull) return true;
    if (oldest === undefined) return false;
    // Out of the count at once: its close comes later, and a crowd comes all at a time.
    this.#leave(uid, oldest);
    oldest.destroy();
    return true;
  }

  #enter(uid: number, socket: Socket): void {
    const own = this.#inside.get(uid) ?? new Set();
    this.#inside.set(uid, own.add(socket));
    if (uid !== ROOT) this.#guests += 1;
  }

  /** Fine if it has left before. */
  #leave(uid: number, socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
    const own = this.#inside.get(uid);
    if (own?.delete(socket) !== true) return;
    if (own.size === 0) this.#inside.delete(uid);
    if (uid !== ROOT) this.#guests -= 1;
  }
}
