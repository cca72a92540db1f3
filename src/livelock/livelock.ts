/** What is done about the same service being started and killed again and again. */
import type { LivelockMode } from "../config/types.ts";
import type { Ranks } from "../hierarchy/live.ts";
import { bootMs, startedMs } from "../kernel/clock.ts";
import type { Event, Reporter } from "../report/events.ts";
import { LivelockDetector, type Pattern } from "./detector.ts";

export class Livelock {
  readonly #detector = new LivelockDetector();
  readonly #reporter: Reporter;
  readonly #mode: () => LivelockMode;
  /** Ends listening. */
  readonly stop: () => void;

  constructor(reporter: Reporter, mode: () => LivelockMode) {
    this.#reporter = reporter;
    this.#mode = mode;
    this.stop = reporter.listen((event) => this.#take(event));
  }

  /** Whether the kernel's killer is to choose in an OOM of this memcg, for now. */
  isLeftToKernel(oomMemcg: string): boolean {
    return this.#actionIn(oomMemcg) === "hand-back";
  }

  /** The ranks, but that a memcg whose process dies again and again dies whole. */
  widen(ranks: Ranks): Ranks {
    return {
      ...ranks,
      memcg: (node, oomMemcg) => {
        const rank = ranks.memcg(node, oomMemcg);
        // Asked of every memcg on the hot path: whoever wants nothing wider does not pay for it.
        if (oomMemcg === undefined || this.#mode() !== "wider") return rank;
        const isWide = this.#wideIn(oomMemcg.path) === node.path;
        return isWide ? { ...rank, kill: { value: "group" } } : rank;
      },
    };
  }

  #take(event: Event): void {
    if (event.type === "oom") this.#detector.noteOom(event.memcg, bootMs());
    if (event.type !== "kill" || event.dryRun) return;
    const victims = event.victims.map(({ startTime, comm, memcg }) => ({
      startedMs: startedMs(startTime),
      comm,
      memcg,
    }));
    const pattern = this.#detector.noteKill(event.memcg, bootMs(), victims);
    if (pattern !== null) this.#report(event.memcg, pattern);
  }

  #report(oomMemcg: string, pattern: Pattern): void {
    const { comm, memcg, deaths } = pattern;
    const [first] = deaths;
    this.#reporter.report({
      type: "livelock",
      memcg: oomMemcg,
      comm,
      victimMemcg: memcg,
      kills: deaths.length,
      withinMs: bootMs() - (first?.atMs ?? bootMs()),
      livedMs: deaths.map((death) => Math.max(0, death.atMs - death.startedMs)),
      action: this.#actionFor(oomMemcg, pattern),
    });
  }

  #actionIn(oomMemcg: string): LivelockMode {
    const pattern = this.#detector.inForce(oomMemcg, bootMs);
    return pattern === null ? "report" : this.#actionFor(oomMemcg, pattern);
  }

  #actionFor(oomMemcg: string, { memcg }: Pattern): LivelockMode {
    const mode = this.#mode();
    // The kernel's killer is never held off from the machine, and comes too late there: it is what we are to forestall.
    if (mode === "hand-back" && oomMemcg === "/") return "report";
    // What is wider than a process of the OOM memcg's own is all of the OOM memcg, and that is for nobody to guess.
    return mode === "wider" && (memcg === null || memcg === oomMemcg) ? "report" : mode;
  }

  #wideIn(oomMemcg: string): string | null {
    return this.#actionIn(oomMemcg) === "wider" ? (this.#detector.inForce(oomMemcg, bootMs)?.memcg ?? null) : null;
  }
}
