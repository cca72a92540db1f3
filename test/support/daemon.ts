/** A badnessd of a test's own, on its own runtime directory. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Event } from "../../src/report/events.ts";
import { until } from "./wait.ts";

const bin = (name: string) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url));

export interface Status {
  readonly ready: boolean;
  readonly pid: number;
  readonly failsafePid: number;
  readonly armed: readonly { readonly memcg: string; readonly underOom: boolean; readonly delayMs: number }[];
}

export class TestDaemon {
  readonly directory: string = mkdtempSync(`${tmpdir()}/badnessd-test-`);
  readonly runtimeDir = `${this.directory}/run`;
  readonly configFile = `${this.directory}/badnessd.conf`;
  child: ChildProcess | null = null;
  stderr = "";

  /** `conf`: lines of badnessd.conf. `policy`: a policy file. */
  configure(conf: readonly string[], policy = ""): void {
    mkdirSync(`${this.directory}/policies`, { recursive: true });
    writeFileSync(`${this.directory}/policies/test.yaml`, policy);
    const lines = [...conf, `oom.policy_files = ${this.directory}/policies/*.yaml`];
    writeFileSync(this.configFile, `${lines.join("\n")}\n`);
  }

  launch(...more: string[]): ChildProcess {
    const args = [bin("badnessd"), "--config", this.configFile, "--runtime-dir", this.runtimeDir, ...more];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"] });
    child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.child = child;
    return child;
  }

  async start(): Promise<void> {
    this.launch();
    await until(`badnessd is ready: ${this.stderr}`, () => this.child?.exitCode !== null || this.isReady());
    if (!this.isReady()) throw new Error(`badnessd ended: ${this.stderr}`);
  }

  /** Runs badnessctl to its end. */
  ctl(...args: string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const [command = "", ...rest] = args;
    const result = spawnSync(
      process.execPath,
      [bin("badnessctl"), command, "--runtime-dir", this.runtimeDir, ...rest],
      {
        encoding: "utf8",
      },
    );
    return { code: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  status(): Status {
    return JSON.parse(this.ctl("status", "--json").stdout) as Status;
  }

  events(): Event[] {
    const lines = this.ctl("events").stdout.split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Event);
  }

  /** Waits for an event of this type, and returns all so far. */
  async event<T extends Event["type"]>(type: T, count = 1): Promise<Extract<Event, { type: T }>[]> {
    const found = () => this.events().filter((event): event is Extract<Event, { type: T }> => event.type === type);
    await until(`an event ${type}: ${this.stderr}`, () => found().length >= count);
    return found();
  }

  /** Ends it as a service manager does, and resolves to its exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    return child.exitCode;
  }

  async clean(): Promise<void> {
    this.child?.kill("SIGCONT");
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private isReady(): boolean {
    const { code, stdout } = this.ctl("status", "--json");
    return code === 0 && (JSON.parse(stdout) as Status).ready;
  }
}
