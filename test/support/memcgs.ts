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

const HOG = fileURLToPath(new URL("../../dist/src/cli/hog.js", import.meta.url));
const MIB = 1024 * 1024;
let count = 0;

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
  private readonly children = new Set<ChildProcess>();

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
  async hold(name: string, mib: number): Promise<ChildProcess> {
    const child = this.spawn(name, process.execPath, HOG, "hold", `${mib}`);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", () => reject(new Error(`the process that was to hold ${mib} MiB in ${name} died`)));
    });
    return child;
  }

  /** A process in a memcg that grows until something stops it. */
  grow(name: string): ChildProcess {
    return this.spawn(name, process.execPath, HOG, "grow", "1");
  }

  spawn(name: string, ...command: string[]): ChildProcess {
    const enter = 'echo $$ > "$0"/cgroup.procs && exec "$@"';
    const child = spawn("sh", ["-c", enter, this.directory(name), ...command], { stdio: ["pipe", "pipe", "ignore"] });
    this.children.add(child);
    child.once("exit", () => this.children.delete(child));
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

  /** Gives everything back to the kernel's killer, kills all, removes all. */
  async clean(): Promise<void> {
    const all = [...this.below().reverse(), ""].filter((name) => existsSync(this.directory(name)));
    for (const name of all) this.write(name, "memory.oom_control", "0");
    for (const name of all) await this.empty(name);
  }

  private async empty(name: string): Promise<void> {
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
