/** Keeps the books: every kill by the kernel becomes an event, and every event is counted and kept on file. */
import type { Glob } from "../badness/glob.ts";
import type { MemcgTree, TreeChanges, TreeNode } from "../hierarchy/tree.ts";
import type { Reporter } from "../report/events.ts";
import { KeptCounters } from "../report/kept-counters.ts";
import { KernelKills } from "./kernel-kills.ts";

/** What is to be watched. */
export interface Watched {
  readonly tree: MemcgTree;
  /** What oom.guard names now. */
  guard(): readonly Glob[];
  /** Takes in what became of the tree. */
  refresh(): void;
}

/** One for the life of the daemon, through every change of its mode. */
export class Bookkeeper {
  readonly kept: KeptCounters;
  readonly #reporter: Reporter;
  #kernelKills: KernelKills | null = null;
  #hasSaidWhy = false;

  constructor(runtimeDir: string, reporter: Reporter) {
    this.#reporter = reporter;
    this.kept = new KeptCounters(runtimeDir, reporter);
    reporter.listen(({ type }) => {
      if (type === "config") this.#kernelKills?.restart();
    });
  }

  /** Begins where the books end. Called once everything is armed. */
  begin({ tree, guard, refresh }: Watched): void {
    const isGuarded = (path: string) => guard().some((glob) => glob.matches(path));
    this.kept.attach(tree);
    this.#kernelKills = new KernelKills({ tree, reporter: this.#reporter, seen: this.kept.seen, isGuarded, refresh });
    const why = this.#kernelKills.begin();
    if (why !== null && !this.#hasSaidWhy) this.#reporter.report({ type: "note", what: why });
    this.#hasSaidWhy ||= why !== null;
    this.kept.save();
  }

  take(changes: TreeChanges): void {
    this.#kernelKills?.apply(changes);
    this.kept.apply(changes);
  }

  /** What memory.oom_control says of kills, for whoever has read it anyway. */
  note(node: TreeNode, killed: number | null): void {
    this.#kernelKills?.note(node, killed);
  }

  tick(): void {
    this.#kernelKills?.tick();
  }

  /** The last look at this tree. */
  end(): void {
    this.#kernelKills?.end();
    this.#kernelKills = null;
  }
}
