/** A tenant's memcg that runs the top out of memory: it holds a file that can be removed, and the larger process. */
import { type ChildProcess, spawn } from "node:child_process";
import { expect } from "vitest";
import type { Event } from "../../src/report/events.ts";
import { openTo } from "./as-user.ts";
import { commandLine } from "./commands.ts";
import { TestDaemon } from "./daemon.ts";
import { TestMemcgs } from "./memcgs.ts";
import { Tenant } from "./tenant.ts";
import { TmpfsFile } from "./tmpfs-file.ts";
import { until } from "./wait.ts";

export const LIMIT_MIB = 150;
export const DELAY_MS = 6_000;

/** `mine` is the tenant's, `other` somebody else's. */
export class OwnerScene {
  readonly tenant = new Tenant();
  readonly memcgs = new TestMemcgs(LIMIT_MIB);
  readonly daemon = new TestDaemon();
  readonly file = new TmpfsFile(`${this.daemon.directory}/tmpfs`);
  readonly listeners: ChildProcess[] = [];

  constructor() {
    this.memcgs.make("mine/web", "other");
    this.tenant.own(this.memcgs.directory("mine"), this.memcgs.directory("mine/web"));
    openTo(this.daemon);
  }

  async clean(): Promise<void> {
    for (const { pid } of this.listeners) killGroup(pid);
    this.file.remove();
    await this.daemon.clean();
    await this.memcgs.clean();
  }

  /** `policy`: of `mine`. */
  async start(policy = "", ...conf: string[]): Promise<void> {
    const { daemon, memcgs } = this;
    const lines = [`oom.guard = ${memcgs.top} ${memcgs.path("mine")}`, `oom.delay_ms = ${DELAY_MS}`, ...conf];
    daemon.configure(lines, policy === "" ? "" : `memcgs: { ${memcgs.path("mine")}: { ${policy} } }`);
    await daemon.start();
  }

  /** `badnessctl listen` as the tenant; resolves once it listens, to what it prints from then on, and its notes. */
  async listen(name: string, ...command: string[]): Promise<{ lines(): string[]; notes(): string }> {
    const { runtimeDir } = this.daemon;
    const words = [
      "listen",
      "--runtime-dir",
      runtimeDir,
      this.memcgs.path(name),
      ...(command.length > 0 ? ["--"] : []),
      ...command,
    ];
    const [program = "", ...args] = commandLine("badnessctl", words);
    const { uid } = this.tenant;
    const child = spawn(program, args, { uid, gid: uid, stdio: "pipe", detached: true });
    this.listeners.push(child);
    let text = "";
    let notes = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.stderr.on("data", (chunk) => {
      notes += chunk;
    });
    await until("it listens", () => text.includes('"listening"'));
    return { lines: () => text.split("\n").slice(1, -1), notes: () => notes };
  }

  /** The process that runs out. */
  async runOut(): Promise<ChildProcess> {
    await this.file.fill(this.memcgs, "mine", 60);
    const hog = await this.memcgs.hold("mine/web", 5);
    this.memcgs.overfill(hog, 20);
    return hog;
  }

  /** The OOM ends because the file is removed. */
  async lives(hog: ChildProcess): Promise<void> {
    await this.daemon.event("relieved");
    expect(await this.daemon.eventsOf("kill")).toEqual([]);
    expect(this.memcgs.kernelKills()).toBe(0);
    expect(hog.signalCode).toBeNull();
    expect(this.file.isThere).toBe(false);
  }

  /** Milliseconds from the notice of the OOM to the kill. */
  async killedAfterMs(hog: ChildProcess): Promise<number> {
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    const [relieved] = await this.daemon.event("relieved");
    expect(relieved?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    expect(this.memcgs.kernelKills()).toBe(0);
    return relieved?.steps?.killedMs ?? Number.NaN;
  }

  relief(): Promise<Extract<Event, { type: "relief" }>[]> {
    return this.daemon.event("relief");
  }
}

/** Whoever a listener has started holds its output open. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}
