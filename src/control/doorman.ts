/** Who may come in to a server, how many at once, and for how long: nobody's crowd keeps others out. */
import type { Socket } from "node:net";

/** Of each who comes, guest or not; who comes after that takes the place of their own oldest. */
const MOST_OF_ONE = 16;
/** Of all guests together. */
const MOST_GUESTS = 64;
/** A connection that lasts longer has not been asking something. */
const LONGEST_STAY_MS = 5_000;

export interface DoormanOptions<Who> {
  /** By whom somebody is told from others; undefined for whom nobody knows, and does not let in. */
  whoIs(socket: Socket): Who | undefined;
  isGuest(who: Who): boolean;
}

export class Doorman<Who> {
  readonly #options: DoormanOptions<Who>;
  /** Oldest first. */
  readonly #inside = new Map<Who, Set<Socket>>();
  readonly #deadlines = new WeakMap<Socket, NodeJS.Timeout>();
  #guests = 0;

  constructor(options: DoormanOptions<Who>) {
    this.#options = options;
  }

  /** Shows somebody out at once where there are too many, and in time whoever does not leave. */
  receive(socket: Socket): void {
    socket.on("error", () => {});
    const who = this.#options.whoIs(socket);
    if (who === undefined || !this.#makeRoom(who)) {
      socket.destroy();
      return;
    }
    this.#enter(who, socket);
    this.#deadlines.set(
      socket,
      setTimeout(() => socket.destroy(), LONGEST_STAY_MS),
    );
    socket.once("close", () => this.#leave(who, socket));
  }

  /** Lets one stay for as long as they like: for those who follow the events. */
  letStay(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
  }

  #makeRoom(who: Who): boolean {
    const own = this.#inside.get(who);
    const oldest = own?.values().next().value;
    const isFull = (own?.size ?? 0) >= MOST_OF_ONE || (this.#options.isGuest(who) && this.#guests >= MOST_GUESTS);
    if (!isFull) return true;
    if (oldest === undefined) return false;
    // Out of the count at once: its close comes later, and a crowd comes all at a time.
    this.#leave(who, oldest);
    oldest.destroy();
    return true;
  }

  #enter(who: Who, socket: Socket): void {
    const own = this.#inside.get(who) ?? new Set();
    this.#inside.set(who, own.add(socket));
    if (this.#options.isGuest(who)) this.#guests += 1;
  }

  /** Fine if it has left before. */
  #leave(who: Who, socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
    const own = this.#inside.get(who);
    if (own?.delete(socket) !== true) return;
    if (own.size === 0) this.#inside.delete(who);
    if (this.#options.isGuest(who)) this.#guests -= 1;
  }
}
