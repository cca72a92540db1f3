/** A handler at work: the rooms put together, and what keeps them in step with the kernel. */
import { describeChanges } from "./badness/changes.ts";
import { Priorities } from "./badness/priorities.ts";
import type { SetValues } from "./badness/process-badness.ts";
import { XattrKeeper } from "./badness/xattr-keeper.ts";
import type { Config } from "./config/types.ts";
import { armedNow, type Presence, presenceOf } from "./control/status.ts";
import { Caretaker } from "./failsafe/caretaker.ts";
import { Guardian } from "./failsafe/guardian.ts";
import { MemcgTree, type TreeChanges, type TreeNode } from "./hierarchy/tree.ts";
import { DelayTaker } from "./hold/delay-taker.ts";
import { type Held, Hold, type HoldOptions } from "./hold/hold.ts";
import { Keeper } from "./hold/keeper.ts";
import { type Watch, watchReadable } from "./kernel/poll.ts";
import { Bells } from "./notify/bells.ts";
import { OomHandler } from "./oom/handler.ts";
import { makeRooms } from "./oom/make-rooms.ts";
import type { Rooms } from "./oom/rooms.ts";
import { warmUp } from "./oom/warm-up.ts";
import type { Relief } from "./relief/relief.ts";
import type { Reporter } from "./report/events.ts";
import { SilentWatch } from "./silent/watch.ts";
import { SystemWatch } from "./system/watch.ts";
import type { Bookkeeper } from "./witness/bookkeeper.ts";

/** The one wake-up while idle: looks at everything whose signal may have been lost, and after the failsafe. */
const TICK_MS = 1_000;

export interface RunningOptions extends Pick<HoldOptions, "mountPoint" | "runtimeDir" | "dryRun" | "left"> {
  readonly config: Config;
  /** Values of single processes; they outlive a change of the mode. */
  readonly processes: SetValues;
  readonly reporter: Reporter;
  readonly books: Bookkeeper;
  readonly relief: Relief;
}

export class Running {
  readonly #options: RunningOptions;
  readonly #tree: MemcgTree;
  readonly #guardian: Guardian;
  readonly #caretaker: Caretaker;
  readonly #hold: Hold;
  readonly #delays: DelayTaker;
  readonly #keeper: Keeper;
  readonly #rooms: Rooms;
  readonly #xattrs: XattrKeeper;
  #priorities: Priorities;
  readonly #handler: OomHandler;
  readonly #silent: SilentWatch;
  readonly #system: SystemWatch;
  #treeWatch: Watch | null = null;
  #tick: NodeJS.Timeout | null = null;
  #isReady = false;

  constructor(options: RunningOptions) {
    this.#options = options;
    const { mountPoint, runtimeDir, dryRun, left, config, reporter, books, relief } = options;
    this.#tree = new MemcgTree(mountPoint, true);
    const onFault = (memcg: string, what: string) => reporter.report({ type: "fault", memcg, what });
    const onIgnored = (memcg: string, what: string) => reporter.report({ type: "fault", memcg, what, level: "warn" });
    this.#xattrs = new XattrKeeper({ tree: this.#tree, onChange: (some) => this.#onXattrs(some), onIgnored });
    this.#priorities = new Priorities(config, this.#xattrs, options.processes);
    this.#guardian = this.#newGuardian();
    this.#hold = new Hold({
      mountPoint,
      runtimeDir,
      dryRun,
      left,
      // In a dry run nothing tells who is out of memory but the bell itself.
      bells: new Bells<Held>(this.#onRing.bind(this), dryRun ? 1 : undefined),
      watchdog: this.#guardian,
      directoryOf: (node) => this.#tree.directoryOf(node),
      delayOf: (node) => this.#delayOf(node),
      onFault,
    });
    this.#delays = new DelayTaker(this.#hold);
    const ownPids = () => [process.pid, this.#guardian.pid];
    const prepare = (node: TreeNode) => void this.#priorities.memcg(node);
    const where = { tree: this.#tree, hold: this.#hold };
    const onArmed = (held: Held) => this.#silent.attach(held);
    this.#keeper = new Keeper({ ...where, reporter, ownPids, prepare, onArmed }, this.#priorities.guard);
    const arm = () => this.#keeper.reconcile(this.#priorities.guard);
    this.#caretaker = new Caretaker({ ...where, guardian: this.#guardian, arm, onFault: (what) => this.#report(what) });
    const inForce = () => this.#priorities;
    const outer = { runtimeDir, dryRun, reporter, books, relief };
    this.#rooms = makeRooms({ ...where, ...outer, inForce, failsafe: this.#guardian });
    this.#handler = new OomHandler(this.#rooms);
    const settings = () => this.#priorities.config.settings;
    this.#silent = new SilentWatch({ rooms: this.#rooms, handler: this.#handler, mode: () => settings().silent });
    const watched = { delayOf: (node: TreeNode) => this.#delayOf(node), refresh: () => this.#refresh() };
    this.#system = new SystemWatch({ rooms: this.#rooms, settings, ...watched });
  }

  /** Arms everything; resolves once an OOM would be handled. */
  async start(): Promise<void> {
    if (!this.#options.dryRun) await this.#guardian.start();
    const refresh = () => this.#refresh();
    this.#treeWatch = watchReadable(this.#tree.changeFd, refresh);
    this.#xattrs.start();
    await this.#rooms.policies.adopt(this.#priorities);
    await this.#keeper.begin();
    this.#options.books.begin({ tree: this.#tree, guard: () => this.#priorities.guard, refresh });
    this.#options.relief.begin({ tree: this.#tree, delayOf: (node) => this.#delayOf(node) });
    this.#handler.lookAtAll();
    await warmUp(this.#rooms);
    this.#system.configure();
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    this.#isReady = true;
  }

  /** Another configuration, in force when this resolves; everything but oom.dry_run can change under way. */
  async reconfigure(config: Config): Promise<void> {
    const priorities = new Priorities(config, this.#xattrs, this.#options.processes);
    const changes = describeChanges(this.#priorities, priorities, this.#tree.walk());
    await this.#rooms.policies.adopt(priorities);
    this.#priorities = priorities;
    this.#options.reporter.report({ type: "config", changes });
    this.#hold.takeDelays();
    await this.#keeper.reconcile(priorities.guard);
    this.#handler.lookAtAll();
    this.#system.configure();
  }

  /** Puts everything back as it was. */
  stop(): void {
    if (this.#tick !== null) clearInterval(this.#tick);
    this.#delays.stop();
    this.#xattrs.stop();
    this.#rooms.policies.stop();
    this.#treeWatch?.stop();
    this.#silent.stop();
    this.#system.stop();
    this.#rooms.livelock.stop();
    const { restored, failed } = this.#hold.release();
    this.#options.relief.end();
    this.#options.books.end();
    this.#guardian.stop();
    this.#tree.close();
    this.#options.reporter.report({ type: "stopped", restored: restored.length, failed });
  }

  #onRing(members: ReadonlySet<Held>): void {
    this.#refresh();
    this.#handler.onRing(members);
  }

  #refresh(): void {
    this.#take(this.#tree.drain());
  }

  #take(changes: TreeChanges): void {
    // As a rule, when an OOM wakes us: not even what is done for nothing stands before its signal.
    if (changes.added.length + changes.removed.length === 0) return;
    this.#xattrs.take(changes);
    this.#options.books.take(changes);
    this.#options.relief.take(changes);
    void this.#keeper.apply(changes);
  }

  #onXattrs(nodes: readonly TreeNode[]): void {
    for (const node of nodes) this.#priorities.refresh(node);
    this.#delays.soon();
  }

  #onTick(): void {
    this.#caretaker.tick();
    this.#options.books.tick();
    this.#silent.tick();
    this.#system.tick();
    if (this.#tree.degraded !== null) this.#take(this.#tree.rescan());
    this.#xattrs.lookAgain();
    this.#rooms.policies.tick();
    this.#hold.takeDelays();
    this.#keeper.refuseOwnPlace();
    this.#keeper.holdAgain(this.#handler.lookAtAll());
  }

  #newGuardian(): Guardian {
    return new Guardian({
      ...this.#options,
      onLoosened: (expired) =>
        this.#report(`the failsafe let the kernel's killer loose: ${expired.join(" ")} outstayed the delay`),
      onLost: (why) => void this.#caretaker.replace(why),
    });
  }

  #delayOf(node: TreeNode): number {
    return this.#priorities.memcg(node).delayMs.value;
  }

  #report(what: string): void {
    this.#options.reporter.report({ type: "fault", what });
  }

  /** What decides now about memcgs and processes. */
  get inForce(): Priorities {
    return this.#priorities;
  }

  /** What policies keep of memcgs between OOMs. */
  samples(): object {
    return this.#rooms.policies.samples();
  }

  /** What there is of us now. */
  presence(): Presence {
    return presenceOf(this.#hold, this.#guardian.pid, this.#options.dryRun);
  }

  /** As `badnessctl status` shows it. */
  status(): object {
    const { dryRun, runtimeDir, mountPoint } = this.#options;
    const own = { ready: this.#isReady, pid: process.pid, failsafePid: this.#guardian.pid };
    const watchesMachine = this.#system.isWatching;
    return { ...own, dryRun, runtimeDir, mountPoint, watchesMachine, armed: armedNow(this.#hold) };
  }
}
