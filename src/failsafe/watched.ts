/** The memcgs that the failsafe watches, and since when each has been under OOM. */
import { nowMs } from "../kernel/clock.ts";
import { close } from "../kernel/libc.ts";
import { openOomControl, readOomControlFd, writeKillDisable } from "../kernel/memcg.ts";
import { ancestors } from "../kernel/path.ts";
import { statDirectory } from "../kernel/read.ts";
import type { Bells } from "../notify/bells.ts";
import type { WatchRequest } from "./protocol.ts";

export interface Watched extends WatchRequest {
  readonly oomControlFd: number;
  /** Monotonic milliseconds, or null while it is not under OOM. */
  underOomSince: number | null;
}

/** What the handler has beyond a memcg's delay before we step in. */
const GRACE_MS = 500;

export class WatchedMemcgs {
  readonly all = new Map<string, Watched>();
  readonly #mountPoint: string;
  readonly #bells: Bells<string>;

  constructor(mountPoint: string, bells: Bells<string>) {
    this.#mountPoint = mountPoint;
    this.#bells = bells;
  }

  /** Opens and listens; false if the memcg is gone, is another one by now, or cannot be listened to. */
  add(request: WatchRequest): boolean {
    const directory = this.#mountPoint + request.memcg;
    try {
      if (`${statDirectory(directory)?.ino}` !== request.ino) return false;
      if (this.#redelay(request)) return true;
      const oomControlFd = openOomControl(directory);
      this.all.set(request.ino, { ...request, oomControlFd, underOomSince: null });
      if (this.#bells.attach(request.ino, directory, oomControlFd) === null) return true;
    } catch {
      // Out of descriptors, or not permitted: the handler hears that we do not watch it, and will not arm it.
    }
    this.remove(request.ino);
    return false;
  }

  /** Another delay for one that is watched: what is open stays open, so that nothing can fail. */
  #redelay(request: WatchRequest): boolean {
    const known = this.all.get(request.ino);
    if (known !== undefined) this.all.set(request.ino, { ...known, ...request });
    return known !== undefined;
  }

  remove(ino: string): void {
    const watched = this.all.get(ino);
    if (watched === undefined) return;
    this.all.delete(ino);
    this.#bells.detach(ino);
    close(watched.oomControlFd);
  }

  /** Looks at every memcg: those whose delay is over, and when to look again at the latest, or null. */
  look(rungAt: number): { readonly expired: Watched[]; readonly nextMs: number | null } {
    const expired: Watched[] = [];
    let nextMs: number | null = null;
    const waiting = this.#waiting();
    for (const watched of this.all.values()) {
      watched.underOomSince = waiting.has(watched) ? (watched.underOomSince ?? rungAt) : null;
      if (watched.underOomSince === null) continue;
      const leftMs = watched.underOomSince + watched.delayMs + GRACE_MS - nowMs();
      if (leftMs <= 0) expired.push(watched);
      else nextMs = Math.min(leftMs, nextMs ?? leftMs);
    }
    return { expired, nextMs };
  }

  /** Those whose own limit was hit: an OOM shows in every memcg below it, and the delay that counts is that of the top. */
  #waiting(): ReadonlySet<Watched> {
    const byPath = new Map<string, Watched>();
    for (const watched of this.all.values()) {
      const control = readOomControlFd(watched.oomControlFd);
      if (control?.underOom === true && control.killDisable) byPath.set(watched.memcg, watched);
    }
    const isBelowAnother = (memcg: string) => ancestors(memcg).some((ancestor) => byPath.has(ancestor));
    return new Set([...byPath.values()].filter(({ memcg }) => !isBelowAnother(memcg)));
  }

  /** Lets the kernel's killer loose. */
  loosen(memcgs: Iterable<Watched>): void {
    for (const watched of memcgs) {
      writeKillDisable(watched.oomControlFd, false);
      watched.underOomSince = null;
    }
  }
}
