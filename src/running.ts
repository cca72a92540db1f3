/** A handler at work: the rooms put together, and what keeps them in step with the kernel. */
import type { Server } from "node:http";
import type { Priorities } from "./badness/priorities.ts";
import { serve } from "./control/server.ts";
import { Guardian } from "./failsafe/guardian.ts";
import { MemcgTree, type TreeNode } from "./hierarchy/tree.ts";
import { type Held, Hold } from "./hold/hold.ts";
import { Keeper } from "./keeper.ts";
import { type Watch, watchReadable } from "./kernel/poll.ts";
import { Bells } from "./notify/bells.ts";
import { isWaiting } from "./notify/situation.ts";
import { OomHandler } from "./oom-handler.ts";
import { DecisionFiles } from "./report/decision-files.ts";
import type { Reporter } from "./report/events.ts";
import type { Rooms } from "./rooms.ts";
import type { Policy } from "./select/types.ts";
import { warmUp } from "./warm-up.ts";

/** The one wake-up while idle: looks at everything whose signal may have been lost, and after the failsafe. */
const TICK_MS = 1_000;

export interface RunningOptions {
  readonly mountPoint: string;
  readonly runtimeDir: string;
  readonly dryRun: boolean;
  readonly priorities: Priorities;
  readonly policy: Policy;
  readonly reporter: Reporter;
  readonly version: string;
}

export class Running {
  private readonly options: RunningOptions;
  private readonly tree: MemcgTree;
  private readonly guardian: Guardian;
  private readonly hold: Hold;
  private readonly keeper: Keeper;
  private readonly rooms: Rooms;
  private readonly handler: OomHandler;
  private treeWatch: Watch | null = null;
  private tick: NodeJS.Timeout | null = null;
  private server: Server | null = null;
  private isReady = false;

  constructor(options: RunningOptions) {
    this.options = options;
    const { mountPoint, runtimeDir, dryRun, priorities, policy, reporter } = options;
    this.tree = new MemcgTree(mountPoint, true);
    this.guardian = new Guardian({
      mountPoint,
      runtimeDir,
      onLoosened: (expired) =>
        this.report(`the failsafe let the kernel's killer loose: ${expired.join(" ")} outstayed the delay`),
      onLost: (why) => void this.replaceFailsafe(why),
    });
    this.hold = new Hold({
      mountPoint,
      runtimeDir,
      dryRun,
      // In a dry run nothing tells who is out of memory but the bell itself.
      bells: new Bells<Held>((members) => this.onRing(members), dryRun ? 1 : undefined),
      watchdog: this.guardian,
      directoryOf: (node) => this.tree.directoryOf(node),
      delayOf: (node) => priorities.memcg(node).delayMs.value,
      onFault: (memcg, what) => reporter.report({ type: "fault", memcg, what }),
    });
    const ownPids = () => [process.pid, this.guardian.pid];
    const { guard } = priorities;
    const prepare = (node: TreeNode) => void priorities.memcg(node);
    this.keeper = new Keeper({ tree: this.tree, hold: this.hold, guard, reporter, ownPids, prepare });
    this.rooms = {
      tree: this.tree,
      hold: this.hold,
      policy,
      reporter,
      dryRun,
      decisionFiles: new DecisionFiles(runtimeDir),
      clearFailsafe: (held) => this.guardian.clear(held),
      ranks: {
        memcg: (node) => priorities.memcg(node),
        process: (facts) => priorities.process(facts),
        isExcluded: (pid) => pid === process.pid || pid === this.guardian.pid,
      },
    };
    this.handler = new OomHandler(this.rooms);
  }

  /** Arms everything; resolves once an OOM would be handled. */
  async start(): Promise<void> {
    const { runtimeDir, dryRun, reporter, version } = this.options;
    if (!dryRun) await this.guardian.start();
    this.treeWatch = watchReadable(this.tree.changeFd, () => void this.keeper.apply(this.tree.drain()));
    await this.keeper.begin();
    this.handler.lookAtAll();
    const [first] = this.hold.held.values();
    if (first !== undefined) await warmUp(first, this.rooms);
    this.tick = setInterval(() => this.onTick(), TICK_MS);
    this.server = await serve(runtimeDir, {
      status: () => this.status(),
      config: () => this.options.priorities.config,
      recentEvents: () => reporter.recent,
      listen: (listener) => reporter.listen(listener),
    });
    this.isReady = true;
    reporter.report({ type: "ready", version, armed: this.hold.held.size });
  }

  /** Puts everything back as it was. */
  stop(): void {
    if (this.tick !== null) clearInterval(this.tick);
    this.treeWatch?.stop();
    this.server?.close();
    this.server?.closeAllConnections();
    const { restored, failed } = this.hold.release();
    this.guardian.stop();
    this.options.reporter.report({ type: "stopped", restored: restored.length, failed });
    this.options.reporter.flush();
  }

  private onRing(members: ReadonlySet<Held>): void {
    void this.keeper.apply(this.tree.drain());
    this.handler.onRing(members);
  }

  private onTick(): void {
    this.guardian.check();
    if (this.tree.degraded !== null) void this.keeper.apply(this.tree.rescan());
    this.keeper.refuseOwnPlace();
    for (const held of this.handler.lookAtAll()) {
      this.report(`oom_kill_disable of ${held.node.path} was 0, and is 1 again`);
      this.hold.holdOff(held);
    }
  }

  private async replaceFailsafe(why: string): Promise<void> {
    this.report(`the failsafe is lost: ${why}`);
    try {
      await this.guardian.start();
      const held = [...this.hold.held.values()];
      const watched = await this.guardian.watch(held);
      for (const one of held) if (!watched.has(one.node.ino)) this.hold.disarm(one);
    } catch (error) {
      this.report(`no failsafe, so everything is given back to the kernel: ${(error as Error).message}`);
      for (const held of [...this.hold.held.values()]) this.hold.disarm(held);
    }
  }

  private report(what: string): void {
    this.options.reporter.report({ type: "fault", what });
  }

  private status(): unknown {
    const { version, dryRun, runtimeDir, mountPoint } = this.options;
    const armed = Array.from(this.hold.held.values(), (held) => ({
      memcg: held.node.path,
      underOom: isWaiting(held) ?? false,
      delayMs: held.delayMs,
    }));
    const pids = { pid: process.pid, failsafePid: this.guardian.pid };
    return { ready: this.isReady, version, ...pids, dryRun, runtimeDir, mountPoint, armed };
  }
}
