/**
 * Every kill by the kernel's killer becomes one event: those in guarded subtrees, and those of a system-wide OOM. Who it
 * was is read from the kernel's log, which may be overrun, rate-limited or closed to us; how many there were, from the
 * counters of the memcgs, which are always right.
 */
import type { MemcgTree, TreeChanges, TreeNode } from "../hierarchy/tree.ts";
import { KernelLog } from "../kernel/kmsg.ts";
import { readMemcgPath } from "../kernel/process.ts";
import type { Event, Reporter } from "../report/events.ts";
import { KillerVoice, type SpokenKill } from "./killer-voice.ts";
import { match, type ToldKill } from "./match.ts";
import { Tally } from "./tally.ts";

/** What is counted but not yet spoken of may still be on its way through the kernel's log. */
const SPEAKS_WITHIN_MS = 100;
/** A look at every memcg is not for every kill that happens elsewhere. */
const LOOK_EVERYWHERE_MS = 1_000;
/** No counter grows by more at once: it was written by something else than a killer. */
const MOST_AT_ONCE = 10_000;
const MOST_UNPLACED = 1_000;
/** So many memcgs are looked at a second where the kernel's log is closed to us. */
const ROUND_SIZE = 64;

export interface KernelKillsOptions {
  readonly tree: MemcgTree;
  readonly reporter: Reporter;
  /** See Tally. */
  readonly seen: Map<bigint, number>;
  isGuarded(path: string): boolean;
  /** Takes in what became of the tree. */
  refresh(): void;
}

export class KernelKills {
  readonly #options: KernelKillsOptions;
  readonly #tally: Tally;
  readonly #voice: KillerVoice;
  #log: KernelLog | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopListening: () => void = () => {};
  #round: Generator<TreeNode> | null = null;
  /** Memcgs whose counter has grown, and kills whose memcg the kernel did not name. */
  readonly #grown = new Set<TreeNode>();
  #unplaced: SpokenKill[] = [];
  #isOverrun = false;

  constructor(options: KernelKillsOptions) {
    this.#options = options;
    this.#tally = new Tally(options);
    this.#voice = new KillerVoice((path) => options.tree.find(path) !== null);
  }

  /** Begins to listen: null, or why only the counters speak. */
  begin(): string | null {
    const why = this.#open();
    this.#tally.begin();
    this.#stopListening = this.#options.reporter.listen((event) => this.#onEvent(event));
    for (const node of this.#tally.nodes()) this.#look(node);
    return why;
  }

  /** Another oom.guard. */
  restart(): void {
    this.#settle();
    this.#tally.begin();
  }

  apply(changes: TreeChanges): void {
    this.#tally.apply(changes);
  }

  /** `killed`: what memory.oom_control says now, for whoever has read it anyway. */
  note(node: TreeNode, killed: number | null): void {
    if (killed === null || this.#tally.growth(node, killed) <= 0) return;
    this.#grown.add(node);
    this.#settleWithin(SPEAKS_WITHIN_MS);
  }

  /** Looks at a few memcgs where nothing would wake us; without the kernel's log that is any of them. */
  tick(): void {
    if (this.#log !== null) return;
    this.#round ??= this.#tally.nodes();
    for (let count = 0; count < ROUND_SIZE; count++) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = null;
        return;
      }
      this.#look(next.value);
    }
  }

  /** The last look. */
  end(): void {
    this.#stopListening();
    for (const node of this.#tally.nodes()) this.#look(node);
    this.#settle();
    this.#log?.close();
  }

  #open(): string | null {
    try {
      this.#log = new KernelLog({
        onMessage: (message) => {
          const kill = this.#voice.hear(message);
          if (kill !== null) this.#onKill(kill);
        },
        onLost: () => {
          this.#isOverrun = true;
          this.#settleWithin(LOOK_EVERYWHERE_MS);
        },
      });
      return null;
    } catch (error) {
      return `who the kernel kills is not known, only how many: ${(error as Error).message}`;
    }
  }

  #onEvent(event: Event): void {
    if (event.type !== "relieved" && event.type !== "delay-expired") return;
    const node = this.#options.tree.find(event.memcg);
    if (node === null) return;
    for (const each of this.#tally.nodes(node)) this.#look(each);
  }

  #look(node: TreeNode): void {
    this.note(node, this.#tally.read(node));
  }

  #onKill(kill: SpokenKill): void {
    this.#options.refresh();
    const memcg = kill.place?.memcg ?? this.#memcgOf(kill.pid);
    if (memcg === null) {
      if (this.#unplaced.length < MOST_UNPLACED) this.#unplaced.push(kill);
      this.#settleWithin(LOOK_EVERYWHERE_MS);
      return;
    }
    const node = this.#options.tree.find(memcg);
    if (node === null ? this.#wasCounted(memcg) : this.#tally.has(node)) {
      if (node === null || this.#accountOne(node)) this.#report(memcg, kill);
    } else if (kill.cause === "system") this.#report(memcg, kill);
  }

  /** Who is dying is still where it was, for a moment; then it stands in `/`. */
  #memcgOf(pid: number): string | null {
    const path = readMemcgPath(pid);
    return path === null || path === "/" || this.#options.tree.find(path) === null ? null : path;
  }

  /** A memcg that is gone already, and was in a guarded subtree. */
  #wasCounted(memcg: string): boolean {
    for (let path = memcg; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
      if (this.#options.isGuarded(path)) return true;
    }
    return false;
  }

  /** False if the kill has been told already. */
  #accountOne(node: TreeNode): boolean {
    const killed = this.#tally.read(node);
    if (killed === null) return true;
    if (this.#tally.growth(node, killed) <= 0) return false;
    this.#tally.account(node, 1);
    return true;
  }

  #settleWithin(ms: number): void {
    this.#timer ??= setTimeout(() => this.#settle(), ms);
  }

  /** What is counted and nobody has spoken of is told without a name; what was spoken of elsewhere is no concern. */
  #settle(): void {
    this.#log?.drain();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const suspects = this.#isOverrun || this.#unplaced.length > 0 ? [...this.#tally.nodes()] : [...this.#grown];
    this.#isOverrun = false;
    this.#grown.clear();
    const places = suspects.flatMap((node) => this.#takeGrowth(node));
    for (const { memcg, kill } of match(places, this.#unplaced.splice(0))) this.#report(memcg, kill);
  }

  /** The memcg, once for each kill that it counts and that was not told. */
  #takeGrowth(node: TreeNode): string[] {
    const killed = this.#tally.has(node) ? this.#tally.read(node) : null;
    const growth = killed === null ? 0 : Math.max(0, this.#tally.growth(node, killed));
    if (growth > 0) this.#tally.account(node, growth);
    return Array.from({ length: Math.min(growth, MOST_AT_ONCE) }, () => node.path);
  }

  #report(memcg: string | null, { pid, comm, cause, place }: ToldKill): void {
    const oomMemcg = place?.oomMemcg ?? null;
    this.#options.reporter.report({ type: "kernel-kill", cause, memcg, oomMemcg, pid, comm });
  }
}
