/** The handler's side of its failsafe: starts it, tells it what is held, and replaces it when it dies or stops. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Held, Watchdog } from "../hold/hold.ts";
import { LEAN_NODE } from "../kernel/lean-node.ts";
import { close } from "../kernel/libc.ts";
import { createPipe, unreadBytes } from "../kernel/pipe.ts";
import { readProcStat } from "../kernel/process.ts";
import { type FromFailsafe, messageReader, type ToFailsafe, type WatchRequest } from "./protocol.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));
/** How long a failsafe may take to start on a machine that is slow or busy, and how long to answer. */
const START_MS = 15_000;
const ANSWER_MS = 5_000;
/** It sleeps while there is no OOM, and is not to be woken more often than this just to see whether it would. */
const PROBE_TICKS = 30;

export interface GuardianOptions {
  readonly runtimeDir: string;
  readonly mountPoint: string;
  /** The failsafe let the kernel's killer loose. */
  onLoosened(expired: readonly string[]): void;
  /** It died, stopped or does not read; nobody watches until `start` has been called again. */
  onLost(why: string): void;
}

export class Guardian implements Watchdog {
  readonly #options: GuardianOptions;
  #child: ChildProcess | null = null;
  #pipe: Socket | null = null;
  #pipeFd = -1;
  #requests = 0;
  #ticks = 0;
  /** How often in a row something was still unread. */
  #ticksUnread = 0;
  readonly #answers = new Map<number, (inos: readonly string[]) => void>();
  #starting: { readonly ready: () => void; readonly failed: (error: Error) => void } | null = null;

  constructor(options: GuardianOptions) {
    this.#options = options;
  }

  /** Process id of the failsafe, or -1 while there is none. */
  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Starts a failsafe; rejects if it is not ready in time. */
  async start(): Promise<void> {
    const { readFd, writeFd } = createPipe();
    const { runtimeDir, mountPoint } = this.#options;
    const child = spawn(process.execPath, [...LEAN_NODE, MAIN, runtimeDir, mountPoint], {
      stdio: [readFd, "pipe", "ignore"],
      // Out of our process group: what ends us from a terminal must not end it.
      detached: true,
      cwd: "/",
    });
    close(readFd);
    this.#child = child;
    this.#pipeFd = writeFd;
    this.#pipe = new Socket({ fd: writeFd, readable: false, writable: true });
    this.#pipe.on("error", () => this.#lose(child, "its pipe broke"));
    child.on("error", () => this.#lose(child, "it could not be started"));
    child.on("exit", (code, signal) => this.#lose(child, `it ended with ${signal ?? `exit code ${code}`}`));
    child.stdout?.on(
      "data",
      messageReader<FromFailsafe>((message) => this.#take(message)),
    );
    const started = new Promise<void>((ready, failed) => {
      this.#starting = { ready, failed };
    });
    try {
      await within(started, START_MS);
    } catch (error) {
      this.stop();
      child.kill("SIGKILL");
      throw error;
    } finally {
      this.#starting = null;
    }
  }

  async watch(held: readonly Held[]): Promise<ReadonlySet<bigint>> {
    const request = ++this.#requests;
    const answer = new Promise<readonly string[]>((resolve) => this.#answers.set(request, resolve));
    this.#tell({ type: "watch", request, memcgs: held.map(toRequest) });
    try {
      return new Set((await within(answer, ANSWER_MS)).map(BigInt));
    } catch {
      return new Set();
    } finally {
      this.#answers.delete(request);
    }
  }

  unwatch(held: readonly Held[]): void {
    this.#tell({ type: "unwatch", inos: held.map(({ node }) => `${node.ino}`) });
  }

  /** The OOM that went on in this memcg is over: the next one has its whole delay. */
  clear(held: Held): void {
    this.#tell({ type: "clear", ino: `${held.node.ino}` });
  }

  /** Once a second: finds out whether the failsafe still runs and reads what it is told. */
  check(): void {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const isStopped = ["T", "t"].includes(readProcStat(child.pid)?.state ?? "");
    this.#ticksUnread = unreadBytes(this.#pipeFd) > 0 ? this.#ticksUnread + 1 : 0;
    if (isStopped || this.#ticksUnread > 1) {
      child.kill("SIGKILL");
      this.#lose(child, isStopped ? "it was stopped" : "it does not read");
    } else if (++this.#ticks % PROBE_TICKS === 0) this.#tell({ type: "probe" });
  }

  /** Lets it end: it puts back what is still on record. */
  stop(): void {
    const pipe = this.#pipe;
    this.#child = null;
    pipe?.destroy();
  }

  #tell(message: ToFailsafe): void {
    if (this.#child !== null) this.#pipe?.write(`${JSON.stringify(message)}\n`);
  }

  #take(message: FromFailsafe): void {
    if (message.type === "ready") this.#starting?.ready();
    else if (message.type === "watching") this.#answers.get(message.request)?.(message.inos);
    else this.#options.onLoosened(message.expired);
  }

  #lose(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.stop();
    if (this.#starting === null) this.#options.onLost(why);
    else this.#starting.failed(new Error(why));
  }
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the failsafe does not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function toRequest({ node, delayMs, was }: Held): WatchRequest {
  return { ino: `${node.ino}`, memcg: node.path, delayMs, was };
}
