/**
 * Eventfds that the kernel signals when a memcg runs out of memory. A bell says "look", no more: what is true is read
 * from memory.oom_control, so a lost, doubled or spurious signal changes nothing.
 *
 * Many memcgs share a bell, which keeps one descriptor a memcg; not all of them do, since the kernel walks the
 * registrations of an eventfd at every signal, and one OOM signals every memcg below it.
 */
import { createEventfd, drainEventfd } from "../kernel/eventfd.ts";
import { close } from "../kernel/libc.ts";
import { registerEvent } from "../kernel/memcg.ts";
import { type Watch, watchReadable } from "../kernel/poll.ts";

interface Bell<Member> {
  readonly fd: number;
  readonly watch: Watch;
  readonly members: Set<Member>;
  /** Registrations ever made: those of removed memcgs are gone in the kernel, but we do not count on when. */
  registrations: number;
}

export class Bells<Member> {
  readonly #bells = new Set<Bell<Member>>();
  readonly #onRing: (members: ReadonlySet<Member>) => void;
  readonly #membersPerBell: number;

  /** `onRing` is called from the event loop with everybody on the bell that rang. */
  constructor(onRing: (members: ReadonlySet<Member>) => void, membersPerBell = 512) {
    this.#onRing = onRing;
    this.#membersPerBell = membersPerBell;
  }

  /** Hangs a memcg on a bell: null, or why it cannot be heard, as EACCES. Throws KernelError when out of descriptors. */
  attach(member: Member, directory: string, oomControlFd: number): string | null {
    const bell = this.#bellWithRoom();
    const error = registerEvent(`${directory}/cgroup.event_control`, bell.fd, oomControlFd);
    if (error !== null) return error;
    bell.registrations += 1;
    bell.members.add(member);
    return null;
  }

  /** The kernel forgets the registration when the memcg is removed, or when its bell is closed. */
  detach(member: Member): void {
    for (const bell of this.#bells) {
      if (bell.members.delete(member) && bell.members.size === 0) this.#remove(bell);
    }
  }

  close(): void {
    for (const bell of this.#bells) this.#remove(bell);
  }

  #bellWithRoom(): Bell<Member> {
    for (const bell of this.#bells) {
      if (bell.registrations < this.#membersPerBell) return bell;
    }
    const fd = createEventfd();
    const members = new Set<Member>();
    const watch = watchReadable(fd, () => {
      drainEventfd(fd);
      this.#onRing(members);
    });
    const bell = { fd, watch, members, registrations: 0 };
    this.#bells.add(bell);
    return bell;
  }

  #remove(bell: Bell<Member>): void {
    this.#bells.delete(bell);
    bell.watch.stop();
    close(bell.fd);
  }
}
