/** What a test of kill-all needs: cgroups of its own, people in them, and the command. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { spawnIn, TestCgroup, whyNo } from "./cage.ts";
import { TestDaemon } from "./daemon.ts";
import { TestMemcgs } from "./memcgs.ts";

export const BADNESSCTL: string = fileURLToPath(new URL("../../bin/badnessctl.js", import.meta.url));
export const SLEEP: readonly string[] = ["sleep", "1000"];

/** Whether bombs and chains cannot be tried here: they need Perl, and a cage. */
export const noBombs: boolean = spawnSync("sh", ["-c", "command -v perl"]).status !== 0 || whyNo("pids") !== null;

export interface Answer {
  readonly code: number | null;
  readonly stderr: string;
  readonly report: {
    readonly killed: number;
    readonly left: number;
    readonly spared: number;
    readonly tookMs: number;
    readonly leftProcesses: readonly { readonly why: string }[];
    readonly sparedProcesses: readonly { readonly why: string }[];
  };
}

export class KillAllScene {
  readonly memcgs = new TestMemcgs();
  readonly daemon = new TestDaemon();
  readonly children: ChildProcess[] = [];
  readonly #cgroups: TestCgroup[] = [];

  /** A cgroup in another hierarchy, at the path of our top memcg unless another is given. */
  cgroup(hierarchy: "pids" | "freezer" | "v2", path: string = this.memcgs.top): TestCgroup {
    const made = new TestCgroup(hierarchy, path);
    this.#cgroups.push(made);
    return made;
  }

  /** What bombs run in. With `isSamePath` kill-all can shut it. */
  cage(isSamePath: boolean): TestCgroup {
    const made = this.cgroup("pids", isSamePath ? this.memcgs.top : `${this.memcgs.top}-cage`);
    made.write("pids.max", "100");
    return made;
  }

  /** Starts a command in cgroups. */
  enter(directories: readonly string[], ...command: readonly string[]): ChildProcess {
    const child = spawnIn(directories, ...command);
    this.children.push(child);
    return child;
  }

  pids(name = ""): number[] {
    return this.memcgs.read(name, "cgroup.procs").split("\n").filter(Boolean).map(Number);
  }

  /** Runs the command; this process goes on meanwhile, since it has children to bury. */
  async killAll(memcg: string, args: readonly string[] = [], uid?: number): Promise<Answer> {
    const all = [BADNESSCTL, "kill-all", memcg, "--json", "--runtime-dir", this.daemon.runtimeDir, ...args];
    const child = spawn(process.execPath, all, { ...(uid !== undefined && { uid, gid: uid }) });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await new Promise((resolve) => child.once("close", resolve));
    return { code: child.exitCode, stderr, report: stdout === "" ? {} : JSON.parse(stdout) } as Answer;
  }

  async clean(): Promise<void> {
    // Those within others were made later.
    for (const cgroup of this.#cgroups.reverse()) await cgroup.clean();
    for (const child of this.children) child.kill("SIGKILL");
    await this.daemon.clean();
    await this.memcgs.clean();
  }
}

export function isKilled({ signalCode }: ChildProcess): boolean {
  return signalCode === "SIGKILL";
}
