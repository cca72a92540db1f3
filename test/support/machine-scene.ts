/**
 * A machine of a test's own: a root memcg and a /proc that are files of the test's, so that it is out of memory when they
 * say so, and so that nobody can be chosen but who is listed there. The processes are real, and so is their death.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { Priorities } from "../../src/badness/priorities.ts";
import { DEFAULTS, findKey } from "../../src/config/keys.ts";
import { parsePolicyText } from "../../src/config/policy-file.ts";
import type { Config, Settings } from "../../src/config/types.ts";
import type { MemcgTree } from "../../src/hierarchy/tree.ts";
import { Hold } from "../../src/hold/hold.ts";
import { Bells } from "../../src/notify/bells.ts";
import { makeRooms } from "../../src/oom/make-rooms.ts";
import type { Rooms } from "../../src/oom/rooms.ts";
import { Relief } from "../../src/relief/relief.ts";
import { type Event, Reporter } from "../../src/report/events.ts";
import { SystemWatch } from "../../src/system/watch.ts";
import { Bookkeeper } from "../../src/witness/bookkeeper.ts";
import { checkEvent } from "./event-schema.ts";
import { TestMemcgs } from "./memcgs.ts";
import { WatchedDirectory } from "./watched-directory.ts";

const TOTAL_MIB = 1_000;
const MIRRORED = ["cgroup.procs", "memory.usage_in_bytes", "memory.stat", "memory.kmem.usage_in_bytes"];
/** What the kernel lets events be registered with. */
const OF_ROOT = ["release_agent", "cgroup.event_control", "memory.usage_in_bytes", "memory.pressure_level"];

interface Memory {
  readonly availableMib: number;
  readonly swapMib?: number;
  readonly swapFreeMib?: number;
}

export const isDead = ({ signalCode }: ChildProcess): boolean => signalCode === "SIGKILL";

export class MachineScene {
  readonly memcgs: TestMemcgs = new TestMemcgs();
  readonly proc: string = mkdtempSync(`${tmpdir()}/badnessd-test-`);
  readonly events: Event[] = [];
  readonly #root = new WatchedDirectory();
  #rooms: Rooms | null = null;
  #watch: SystemWatch | null = null;
  #settings: Settings = DEFAULTS;
  #policy = "";

  /** With memcgs of these names below the test's own. `lacks`: files that the root memcg has not. */
  constructor(names: readonly string[], lacks: readonly string[] = []) {
    this.memcgs.make(...names);
    this.#root.start(...["", ...names].map((name) => this.memcgs.path(name)));
    for (const name of ["", ...names]) this.#mirror(name);
    for (const file of OF_ROOT) if (!lacks.includes(file)) writeFileSync(`${this.#root.path}/${file}`, "0\n");
    this.attachToRoot();
    this.has({ availableMib: TOTAL_MIB });
  }

  get tree(): MemcgTree {
    return this.#root.tree;
  }

  get rooms(): Rooms {
    if (this.#rooms === null) throw new Error("start() comes first");
    return this.#rooms;
  }

  /** From now on /proc/meminfo says this. Without swap there is none. */
  has({ availableMib, swapMib = 0, swapFreeMib = swapMib }: Memory): void {
    const lines = { MemTotal: TOTAL_MIB, MemAvailable: availableMib, SwapTotal: swapMib, SwapFree: swapFreeMib };
    const text = Object.entries(lines).map(([key, mib]) => `${key}: ${mib * 1024} kB\n`);
    writeFileSync(`${this.proc}/meminfo`, text.join(""));
  }

  /** Half of it is available again once this process is gone. */
  freedBy(child: ChildProcess): void {
    child.once("exit", () => this.has({ availableMib: TOTAL_MIB / 2 }));
  }

  /** From now on everybody has waited for memory for this share of the last ten seconds. */
  stalls(percent: number): void {
    mkdirSync(`${this.proc}/pressure`, { recursive: true });
    writeFileSync(`${this.proc}/pressure/memory`, `full avg10=${percent}.00 avg60=0.00 avg300=0.00 total=1\n`);
  }

  /** The processes of the root memcg are these. */
  attachToRoot(...processes: readonly ChildProcess[]): void {
    writeFileSync(`${this.#root.path}/cgroup.procs`, processes.map(({ pid }) => `${pid}\n`).join(""));
  }

  /** Begins to watch. `conf`: lines of badnessd.conf. */
  async start(policy = "", ...conf: readonly string[]): Promise<void> {
    this.#policy = policy;
    this.#settings = settingsOf(conf);
    const reporter = new Reporter(100);
    reporter.listen((event) => this.events.push(checkEvent(JSON.parse(JSON.stringify(event)))));
    const runtimeDir = `${this.proc}/run`;
    mkdirSync(runtimeDir);
    const relief = new Relief(runtimeDir, reporter, this.#config());
    await relief.configure(this.#config());
    relief.begin({ tree: this.tree, delayOf: (node) => this.#inForce().memcg(node).delayMs.value });
    this.#rooms = makeRooms({
      tree: this.tree,
      hold: this.#hold(runtimeDir),
      reporter,
      books: new Bookkeeper(runtimeDir, reporter),
      relief,
      dryRun: this.#settings.dryRun,
      runtimeDir,
      failsafe: { pid: -1, clear() {} },
      inForce: () => this.#inForce(),
    });
    this.#watch = new SystemWatch({
      rooms: this.#rooms,
      settings: () => this.#settings,
      delayOf: (node) => this.#inForce().memcg(node).delayMs.value,
      refresh: () => void this.tree.drain(),
      proc: this.proc,
    });
    this.#watch.configure();
  }

  /** Other settings, as after a reload. */
  configure(...conf: readonly string[]): void {
    this.#settings = settingsOf(conf);
    this.#watch?.configure();
  }

  /** What happens once a second. */
  tick(): void {
    this.#watch?.tick();
  }

  get isWatching(): boolean {
    return this.#watch?.isWatching ?? false;
  }

  eventsOf<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  async clean(): Promise<void> {
    this.#watch?.stop();
    this.#rooms?.livelock.stop();
    this.#rooms?.relief.end();
    this.#root.remove();
    await this.memcgs.killAll();
    await this.memcgs.clean();
    rmSync(this.proc, { recursive: true });
  }

  #mirror(name: string): void {
    const directory = this.#root.path + this.memcgs.path(name);
    for (const file of MIRRORED) symlinkSync(`${this.memcgs.directory(name)}/${file}`, `${directory}/${file}`);
  }

  #inForce(): Priorities {
    return new Priorities(this.#config());
  }

  #config(): Config {
    const policy = parsePolicyText("policy", this.#policy);
    return { settings: this.#settings, ...policy, files: [], directories: [], notes: [] };
  }

  #hold(runtimeDir: string): Hold {
    return new Hold({
      mountPoint: this.tree.mountPoint,
      runtimeDir,
      dryRun: false,
      left: null,
      bells: new Bells(() => {}),
      watchdog: { watch: async () => new Set(), unwatch() {} },
      directoryOf: (node) => this.tree.directoryOf(node),
      delayOf: () => 1_000,
      onFault() {},
    });
  }
}

function settingsOf(conf: readonly string[]): Settings {
  return conf.reduce((settings, line) => {
    const [name = "", value = ""] = line.split(" = ");
    const applied = findKey(name)?.apply(settings, value);
    if (applied === undefined || "wrong" in applied) throw new Error(`cannot set ${line}`);
    return applied.value;
  }, DEFAULTS);
}
