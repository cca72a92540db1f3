/** A badnessd of a test's own, on its own runtime directory. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { ask, askLines } from "../../src/control/client.ts";
import { tryLock } from "../../src/kernel/lock.ts";
import type { Event } from "../../src/report/events.ts";
import { checkEvent } from "./event-schema.ts";
import { until } from "./wait.ts";

const bin = (name: string) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url));

export interface Status {
  readonly ready: boolean;
  readonly pid: number;
  readonly failsafePid: number;
  readonly armed: readonly { readonly memcg: string; readonly underOom: boolean; readonly delayMs: number }[];
  readonly lent: readonly { readonly memcg: string; readonly bytes: number }[];
}

export class TestDaemon {
  readonly directory: string = mkdtempSync(`${tmpdir()}/badnessd-test-`);
  readonly runtimeDir = `${this.directory}/run`;
  readonly configFile = `${this.directory}/badnessd.conf`;
  /** A command that runs badnessd, as `prlimit --nofile=64`. */
  wrapper: readonly string[] = [];
  env: NodeJS.ProcessEnv = {};
  child: ChildProcess | null = null;
  stderr = "";

  /** In a drop-in, so that it holds whatever a test writes: who runs short of memory here is none of a test's business. */
  constructor() {
    mkdirSync(`${this.configFile}.d`);
    writeFileSync(`${this.configFile}.d/99-system.conf`, "oom.system.enabled = 0\n");
  }

  /** `conf`: lines of badnessd.conf. `policy`: a policy file. */
  configure(conf: readonly string[], policy = ""): void {
    mkdirSync(`${this.directory}/policies`, { recursive: true });
    writeFileSync(`${this.directory}/policies/test.yaml`, policy);
    const lines = [...conf, `oom.policy_files = ${this.directory}/policies/*.yaml`];
    writeFileSync(this.configFile, `${lines.join("\n")}\n`);
  }

  /** `stderr`: a descriptor in place of the pipe that is read here. */
  launch(...more: (string | { readonly stderr: number })[]): ChildProcess {
    const args = more.filter((one) => typeof one === "string");
    const stderr = more.find((one) => typeof one !== "string")?.stderr ?? "pipe";
    const command = [bin("badnessd"), "--config", this.configFile, "--runtime-dir", this.runtimeDir, ...args];
    const [program = "", ...rest] = [...this.wrapper, process.execPath, ...command];
    const child = spawn(program, rest, { stdio: ["ignore", "inherit", stderr], env: { ...process.env, ...this.env } });
    child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.child = child;
    return child;
  }

  async start(...more: (string | { readonly stderr: number })[]): Promise<void> {
    this.launch(...more);
    await until("badnessd is ready", async () => this.hasEnded || (await this.#isReady()), 50_000);
    if (this.hasEnded) throw new Error(`badnessd ended: ${this.stderr}`);
  }

  get hasEnded(): boolean {
    return this.child === null || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Runs badnessctl to its end. */
  ctl(...args: string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const [command = "", ...rest] = args;
    const all = [bin("badnessctl"), command, "--runtime-dir", this.runtimeDir, ...rest];
    const result = spawnSync(process.execPath, all, { encoding: "utf8" });
    return { code: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  async status(): Promise<Status> {
    return (await ask(this.runtimeDir, "/status")) as Status;
  }

  async events(): Promise<Event[]> {
    const events: Event[] = [];
    for await (const line of askLines(this.runtimeDir, "/events")) events.push(checkEvent(JSON.parse(line)));
    return events;
  }

  /** The events of this type so far. */
  async eventsOf<T extends Event["type"]>(type: T): Promise<Extract<Event, { type: T }>[]> {
    return (await this.events()).filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  /** Waits until there are `count` events of this type, and returns all so far. */
  async event<T extends Event["type"]>(type: T, count = 1): Promise<Extract<Event, { type: T }>[]> {
    let found: Extract<Event, { type: T }>[] = [];
    await until(`${count} events ${type}: ${this.stderr}`, async () => {
      found = await this.eventsOf(type);
      return found.length >= count;
    });
    return found;
  }

  /** Ends it as a service manager does, and resolves to its exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (child === null || this.hasEnded) return child?.exitCode ?? null;
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    return child.exitCode;
  }

  async clean(): Promise<void> {
    this.signal("SIGCONT");
    await this.stop();
    if (existsSync(this.runtimeDir))
      await until("its failsafe has ended", () => tryLock(`${this.runtimeDir}/failsafe.lock`));
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.status()).ready;
    } catch {
      return false;
    }
  }
}
