/** A top memcg of a test's own, with processes in it, and nothing left of either afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { findMemoryController } from "../../src/kernel/mounts.ts";

/** Takes memory as src/cli/hog.ts says. */
export const HOG: string = fileURLToPath(new URL("../../dist/src/cli/hog.js", import.meta.url));
const ODD = fileURLToPath(new URL("./odd-process.mjs", import.meta.url));
const SILENT = fileURLToPath(new URL("./silent-hog.pl", import.meta.url));
const MIB = 1024 * 1024;
let count = 0;

export type SilentKind = "tmpfs" | "pipe" | "mlock" | "read";
export type OddKind = "zombie-leader" | "threads" | "shared" | "locked";

/** Why live tests cannot run here, or null. */
export function whyNotLive(): string | null {
  const mount = findMemoryController();
  if (mount === null) return "no cgroup v1 memory controller is mounted";
  try {
    accessSync(`${mount}/cgroup.event_control`, constants.W_OK);
    mkdirSync(`${mount}/badnessd-test-${process.pid}-try`);
    rmdirSync(`${mount}/badnessd-test-${process.pid}-try`);
    return null;
  } catch (error) {
    return `the memory controller cannot be written: ${(error as Error).message}`;
  }
}

export class TestMemcgs {
  readonly mount: string = findMemoryController() ?? "";
  /** Memcg path of the top. */
  readonly top: string = `/badnessd-test-${process.pid}-${++count}`;
  readonly #children = new Set<ChildProcess>();

  constructor(limitMib?: number) {
    mkdirSync(this.mount + this.top);
    if (limitMib !== undefined) this.limit("", limitMib);
  }

  directory(name = ""): string {
    return this.mount + this.path(name);
  }

  /** `a/b` below the top. */
  path(name = ""): string {
    return name === "" ? this.top : `${this.top}/${name}`;
  }

  make(...names: string[]): void {
    for (const name of names) mkdirSync(this.directory(name), { recursive: true });
  }

  limit(name: string, mib: number): void {
    this.write(name, "memory.limit_in_bytes", `${mib * MIB}`);
  }

  write(name: string, file: string, text: string): void {
    writeFileSync(`${this.directory(name)}/${file}`, text);
  }

  read(name: string, file: string): string {
    return readFileSync(`${this.directory(name)}/${file}`, "utf8");
  }

  /** One number of memory.oom_control: oom_kill_disable, under_oom or oom_kill. */
  oomControl(name: string, key: "oom_kill_disable" | "under_oom" | "oom_kill"): number {
    return Number(new RegExp(`^${key} (\\d+)`, "m").exec(this.read(name, "memory.oom_control"))?.[1]);
  }

  /** Kills by the kernel in the whole tree. */
  kernelKills(name = ""): number {
    const below = this.below(name).map((child) => this.oomControl(child, "oom_kill"));
    return below.reduce((sum, kills) => sum + kills, this.oomControl(name, "oom_kill"));
  }

  /** A process in a memcg that holds `mib`; resolves once it does. */
  hold(name: string, mib: number): Promise<ChildProcess> {
    return this.#untilReady(this.spawn(name, process.execPath, HOG, "hold", `${mib}`));
  }

  /** One of the kinds of odd-process.mjs, which holds `mib`. */
  odd(name: string, kind: OddKind, mib: number): Promise<ChildProcess> {
    return this.#untilReady(this.spawn(name, process.execPath, ODD, kind, `${mib}`));
  }

  /** Moves the threads of a process into another memcg of the tree, all but its leader. */
  moveThreads({ pid }: ChildProcess, name: string): void {
    const threads = readdirSync(`/proc/${pid}/task`).filter((id) => Number(id) !== pid);
    for (const id of threads) this.write(name, "tasks", id);
  }

  /** Has one that holds memory in the tree take what is left below the top's limit, and `mib` more. */
  overfill(holder: ChildProcess, mib: number): void {
    const bytes = Number(this.read("", "memory.limit_in_bytes")) - Number(this.read("", "memory.usage_in_bytes"));
    holder.stdin?.write(`${Math.ceil(bytes / MIB) + mib}\n`);
  }

  /** Keeps a process from getting over its own exit, for as long as the tracer that it resolves to lives. */
  async trace(pid: number | undefined): Promise<ChildProcess> {
    const tracer = await this.#untilReady(this.#track(spawn(process.execPath, [ODD, "tracer"])));
    tracer.stdin?.write(`${pid}`);
    const answer = await new Promise((resolve) => tracer.stdout?.once("data", resolve));
    if (`${answer}` !== "traced\n") throw new Error(`cannot trace ${pid}`);
    return tracer;
  }

  /** A process in a memcg that grows until something stops it. */
  grow(name: string): ChildProcess {
    return this.spawn(name, process.execPath, HOG, "grow", "1");
  }

  /**
   * A process that takes memory as silent-hog.pl does. So many charges are to fail, 0 for ever. It says nothing: saying
   * it would be a charge that fails.
   */
  silent(name: string, kind: SilentKind, times: number, file: string): ChildProcess {
    return this.spawn(name, "perl", SILENT, kind, `${times}`, file);
  }

  /** A process that doubles a string until something stops it: quicker to start, and to fill a memcg, than `grow`. */
  burst(name: string): ChildProcess {
    return this.spawn(name, "sh", "-c", "a=0123456789abcdef; while :; do a=$a$a; done");
  }

  spawn(name: string, ...command: string[]): ChildProcess {
    const enter = 'echo $$ > "$0"/cgroup.procs && exec "$@"';
    const args = ["-c", enter, this.directory(name), ...command];
    return this.#track(spawn("sh", args, { stdio: ["pipe", "pipe", "ignore"] }));
  }

  /** A process of the root memcg. */
  spawnInRoot(...command: string[]): ChildProcess {
    const enter = 'echo $$ > "$0"/cgroup.procs && exec "$@"';
    return this.#track(spawn("sh", ["-c", enter, this.mount, ...command], { stdio: "ignore" }));
  }

  #track(child: ChildProcess): ChildProcess {
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  async #untilReady(child: ChildProcess): Promise<ChildProcess> {
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", () => reject(new Error(`${child.spawnargs.slice(-3).join(" ")} died`)));
    });
    return child;
  }

  /** Every memcg below `name`, deepest last. */
  below(name = ""): string[] {
    if (!existsSync(this.directory(name))) return [];
    const entries = readdirSync(this.directory(name), { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => (name === "" ? entry.name : `${name}/${entry.name}`));
    return names.flatMap((child) => [child, ...this.below(child)]);
  }

  /** Resolves once every process that was started here is dead. */
  async killAll(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    while (this.#children.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Gives everything back to the kernel's killer, kills all, removes all. */
  async clean(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    const all = [...this.below().reverse(), ""].filter((name) => existsSync(this.directory(name)));
    for (const name of all) this.write(name, "memory.oom_control", "0");
    for (const name of all) await this.remove(name);
  }

  /** Kills all in a memcg that has no others inside, and removes it. */
  async remove(name: string): Promise<void> {
    for (let tries = 0; existsSync(this.directory(name)); tries++) {
      for (const pid of this.read(name, "cgroup.procs").split("\n").filter(Boolean)) kill(Number(pid));
      try {
        rmdirSync(this.directory(name));
      } catch (error) {
        if (tries > 500) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
