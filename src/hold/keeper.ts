/** Keeps what is held in step with what should be: the memcgs that oom.guard names, those that appear later too. */
import type { Glob } from "../badness/glob.ts";
import type { MemcgTree, TreeChanges, TreeNode } from "../hierarchy/tree.ts";
import { readMemcgPath } from "../kernel/process.ts";
import type { Reporter } from "../report/events.ts";
import type { Held, Hold } from "./hold.ts";
import { LEFT_ARMED } from "./origins.ts";

export interface KeeperOptions {
  readonly tree: MemcgTree;
  readonly hold: Hold;
  readonly reporter: Reporter;
  /** Called for every memcg that appears, off the hot path: what can be worked out before an OOM is. */
  prepare(node: TreeNode): void;
  onArmed(held: Held): void;
  /** Pids that must never wait for us. */
  ownPids(): readonly number[];
}

export class Keeper {
  readonly #options: KeeperOptions;
  /** Memcgs to arm as soon as the batch before them is done. */
  #wanted: TreeNode[] = [];
  #arming: Promise<void> = Promise.resolve();
  #guard: readonly Glob[];

  constructor(options: KeeperOptions, guard: readonly Glob[]) {
    this.#options = options;
    this.#guard = guard;
  }

  /** The first look at the whole tree; resolves once everything is armed. */
  async begin(): Promise<void> {
    const nodes = [...this.#options.tree.walk()];
    for (const node of nodes) this.#options.prepare(node);
    const guarded = nodes.filter((node) => this.#isGuarded(node));
    const paths = new Set(guarded);
    const others = nodes.filter((node) => !paths.has(node) && hasAncestorIn(node, paths));
    this.#options.hold.noteForeign([...others, ...guarded]);
    await this.#arm(guarded);
    for (const memcg of this.#options.hold.putBackLeft(others)) {
      this.#options.reporter.report({ type: "disarmed", memcg, why: LEFT_ARMED });
    }
  }

  /** Takes in what became of the tree; resolves once everything is armed that is to be. */
  apply({ added, removed }: TreeChanges): Promise<void> {
    this.#options.hold.forgetRemoved(removed);
    for (const node of added) this.#options.prepare(node);
    const removedNodes = new Set(removed);
    const guarded = added.filter((node) => !removedNodes.has(node) && this.#isGuarded(node));
    const armedNow = new Set(guarded);
    for (const node of added) if (!armedNow.has(node)) this.#options.hold.releaseIfBornArmed(node);
    return guarded.length === 0 ? this.#arming : this.#arm(guarded);
  }

  /** Another oom.guard: lets go of what it no longer names, and arms what it now does. */
  reconcile(guard: readonly Glob[]): Promise<void> {
    this.#guard = guard;
    const { hold, tree, reporter } = this.#options;
    for (const held of [...hold.held.values()].filter(({ node }) => !this.#isGuarded(node))) {
      hold.disarm(held);
      reporter.report({ type: "disarmed", memcg: held.node.path, why: "the configuration no longer guards it" });
    }
    return this.#arm([...tree.walk()].filter((node) => this.#isGuarded(node) && !hold.held.has(node.ino)));
  }

  /** Somebody else gave these back to the kernel's killer. */
  holdAgain(loose: readonly Held[]): void {
    for (const held of loose) {
      const what = `oom_kill_disable of ${held.node.path} was 0, and is 1 again`;
      this.#options.reporter.report({ type: "fault", what });
      this.#options.hold.holdOff(held);
    }
  }

  /** We, or our failsafe, were moved into a memcg that we hold: it is given back, or it would hang with us inside. */
  refuseOwnPlace(): void {
    for (const pid of this.#options.ownPids()) {
      const own = readMemcgPath(pid) ?? "/";
      for (const held of [...this.#options.hold.held.values()]) {
        if (own !== held.node.path && !own.startsWith(`${held.node.path}/`)) continue;
        this.#options.hold.disarm(held);
        this.#options.reporter.report({
          type: "disarmed",
          memcg: held.node.path,
          why: `process ${pid} of badnessd is in it`,
        });
      }
    }
  }

  #arm(nodes: readonly TreeNode[]): Promise<void> {
    this.#wanted.push(...nodes);
    this.#arming = this.#arming.then(async () => {
      const batch = this.#wanted;
      this.#wanted = [];
      for (const held of await this.#options.hold.arm(batch)) {
        this.#options.reporter.report({ type: "armed", memcg: held.node.path, delayMs: held.delayMs });
        this.#options.onArmed(held);
      }
    });
    return this.#arming;
  }

  /** The root memcg has no oom_kill_disable. */
  #isGuarded(node: TreeNode): boolean {
    return node.parent !== null && this.#guard.some((glob) => glob.matches(node.path));
  }
}

function hasAncestorIn(node: TreeNode, nodes: ReadonlySet<TreeNode>): boolean {
  for (let above = node.parent; above !== null; above = above.parent) if (nodes.has(above)) return true;
  return false;
}
