/** Cgroups of a test's own in hierarchies beside memory, and processes that are counted as they die. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cgroupMounts } from "../../src/kernel/mounts.ts";
import { sleep } from "./wait.ts";

const FORKS = fileURLToPath(new URL("./forks.pl", import.meta.url));
const COUNTER = fileURLToPath(new URL("./count-deaths.mjs", import.meta.url));
/** Joins the cgroups before `--`, and becomes the command behind it. */
const ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1"/cgroup.procs || exit 1; shift; done; shift; exec "$@"';

/** How processes ended, as their parent and reaper saw it. */
export interface Deaths {
  readonly killed: number;
  readonly exited: number;
}

/** Runs a command in cgroups, and counts how it and everybody it leaves behind die. */
export function countDeaths(directories: readonly string[], command: readonly string[]): Promise<Deaths> {
  const all = [COUNTER, "sh", "-c", ENTER, "sh", ...directories, "--", ...command];
  const child = spawn(process.execPath, all, { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.once("close", () => {
      try {
        resolve(JSON.parse(text) as Deaths);
      } catch (cause) {
        reject(new Error(`cannot read deaths: "${text}"`, { cause }));
      }
    });
  });
}

/** `bomb` or `chain`, to be run in a cage alone. */
export function forksOf(kind: "bomb" | "chain"): string[] {
  return ["perl", FORKS, kind];
}

/** A process in cgroups, ours to wait for. */
export function spawnIn(directories: readonly string[], ...command: string[]): ChildProcess {
  return spawn("sh", ["-c", ENTER, "sh", ...directories, "--", ...command], { stdio: "ignore" });
}

/** A cgroup of a v1 controller, or of v2. */
export class TestCgroup {
  readonly directory: string;

  /** `path` begins with `/badnessd-test-`. */
  constructor(hierarchy: "pids" | "freezer" | "v2", path: string) {
    this.directory = mountOf(hierarchy) + path;
    mkdirSync(this.directory);
  }

  read(file: string): string {
    return readFileSync(`${this.directory}/${file}`, "utf8").trim();
  }

  write(file: string, text: string): void {
    writeFileSync(`${this.directory}/${file}`, text);
  }

  get pids(): number[] {
    return this.read("cgroup.procs").split("\n").filter(Boolean).map(Number);
  }

  /** Nobody who is in it can fork, or stay frozen; whoever is left is killed. */
  async clean(): Promise<void> {
    const quieten = { "pids.max": "0", "freezer.state": "THAWED", "cgroup.freeze": "0" };
    for (const [file, text] of Object.entries(quieten)) {
      if (existsSync(`${this.directory}/${file}`)) this.write(file, text);
    }
    for (let tries = 0; existsSync(this.directory); tries++) {
      for (const pid of this.pids) kill(pid);
      try {
        rmdirSync(this.directory);
      } catch (error) {
        if (tries > 500) throw error;
        await sleep(10);
      }
    }
  }
}

/** Why there is no such hierarchy to test with, or null. */
export function whyNo(hierarchy: "pids" | "freezer" | "v2"): string | null {
  try {
    readdirSync(mountOf(hierarchy));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function mountOf(hierarchy: "pids" | "freezer" | "v2"): string {
  const found = cgroupMounts().find(({ version, controllers }) =>
    hierarchy === "v2" ? version === 2 : controllers.includes(hierarchy),
  );
  if (found === undefined) throw new Error(`no ${hierarchy} hierarchy is mounted`);
  return found.mountPoint;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
