/** `oom.on_kill`: a command of the operator's for every kill, later and apart from it, and never more than a few. */
import type { OnKillSettings } from "../config/types.ts";
import type { Event, Reporter } from "../report/events.ts";
import { type CommandEnd, type StartedCommand, startCommand } from "./command.ts";

/** How often it ended how. */
export type OnKillCounts = Readonly<Record<"ok" | "failed" | "timeout" | "skipped", number>>;

interface Run {
  readonly command: string;
  readonly timeoutMs: number;
  readonly memcg: string | null;
  readonly input: string;
}

/** Why a victim was chosen. */
type Reason = Pick<Extract<Event, { type: "decision" }>, "policy" | "explanation" | "snapshot">;
type Kill = Extract<Event, { type: "kill" | "kernel-kill" }>;

const AT_ONCE = 4;
const MOST_WAITING = 32;
const MOST_WAITING_CHARACTERS = 1024 * 1024;
/** No fork stands between a signal and its victim's death, and a burst of kills is no burst of forks. */
const SPACING_MS = 50;
/** Skipped ones are told of together. */
const GATHER_MS = 1_000;
/** OOMs at a time of which the reason is remembered from the decision to the kill. */
const MOST_REASONS = 100;

export class OnKill {
  readonly #counts = { ok: 0, failed: 0, timeout: 0, skipped: 0 };
  readonly #reporter: Reporter;
  #settings: OnKillSettings = { command: "", timeoutMs: 0 };
  readonly #reasons = new Map<string, Reason>();
  readonly #waiting: Run[] = [];
  #waitingCharacters = 0;
  readonly #running = new Set<StartedCommand>();
  #startTimer: NodeJS.Timeout | null = null;
  #skipTimer: NodeJS.Timeout | null = null;
  #unsaid = 0;

  /** Runs nothing until it is configured. */
  constructor(reporter: Reporter) {
    this.#reporter = reporter;
    reporter.listen((event) => this.#take(event));
  }

  get counts(): OnKillCounts {
    return this.#counts;
  }

  /** For kills from now on. */
  configure(settings: OnKillSettings): void {
    this.#settings = settings;
    this.#reasons.clear();
  }

  /** Nothing outlives us: without us nobody would keep its time. */
  stop(): void {
    if (this.#startTimer !== null) clearTimeout(this.#startTimer);
    this.#saySkipped();
    const [running, waiting] = [this.#running.size, this.#waiting.length];
    if (running + waiting > 0) this.#fault(null, `${running} runs are cut short, and ${waiting} do not begin`);
    for (const run of this.#running) run.kill();
  }

  #take(event: Event): void {
    if (this.#settings.command === "") return;
    if (event.type === "decision") this.#remember(event);
    else if (event.type === "kernel-kill") this.#enqueue(event, event.memcg);
    else if (event.type === "kill") {
      const reason = this.#reasons.get(event.memcg);
      this.#reasons.delete(event.memcg);
      if (!event.dryRun && event.victims.length > 0) this.#enqueue({ ...event, ...reason }, event.memcg);
    }
  }

  #remember({ memcg, policy, explanation, snapshot }: Extract<Event, { type: "decision" }>): void {
    this.#reasons.set(memcg, { policy, explanation, snapshot });
    const [oldest] = this.#reasons.keys();
    if (oldest !== undefined && this.#reasons.size > MOST_REASONS) this.#reasons.delete(oldest);
  }

  #enqueue(kill: Kill, memcg: string | null): void {
    if (this.#waiting.length >= MOST_WAITING || this.#waitingCharacters > MOST_WAITING_CHARACTERS) {
      this.#counts.skipped += 1;
      this.#unsaid += 1;
      this.#skipTimer ??= setTimeout(() => this.#saySkipped(), GATHER_MS);
      return;
    }
    const input = `${JSON.stringify(kill)}\n`;
    this.#waiting.push({ ...this.#settings, memcg, input });
    this.#waitingCharacters += input.length;
    this.#startSoon();
  }

  #startSoon(): void {
    if (this.#waiting.length === 0 || this.#running.size >= AT_ONCE) return;
    this.#startTimer ??= setTimeout(() => {
      this.#startTimer = null;
      this.#startNext();
      this.#startSoon();
    }, SPACING_MS);
  }

  #startNext(): void {
    const run = this.#waiting.shift();
    if (run === undefined) return;
    this.#waitingCharacters -= run.input.length;
    try {
      const started = startCommand(run.command, run.input, run.timeoutMs);
      this.#running.add(started);
      started.ended.then((end) => {
        this.#running.delete(started);
        this.#account(run, end);
        this.#startSoon();
      });
    } catch (error) {
      // No descriptor, no process or no memory to be had.
      this.#account(run, { failure: (error as Error).message, isTimeout: false, stderr: "" });
    }
  }

  #account({ memcg }: Run, { failure, isTimeout, stderr }: CommandEnd): void {
    this.#counts[failure === null ? "ok" : isTimeout ? "timeout" : "failed"] += 1;
    const said = [failure ?? [], stderr || []].flat().join(": ");
    if (failure !== null) this.#fault(memcg, said);
    else if (said !== "") this.#reporter.report({ type: "note", what: `oom.on_kill: ${said}` });
  }

  #saySkipped(): void {
    if (this.#skipTimer !== null) clearTimeout(this.#skipTimer);
    this.#skipTimer = null;
    const why = `${AT_ONCE} ran at once, and ${this.#waiting.length} waited`;
    if (this.#unsaid > 0) this.#fault(null, `not run for ${this.#unsaid} kills: ${why}`);
    this.#unsaid = 0;
  }

  #fault(memcg: string | null, what: string): void {
    this.#reporter.report({ type: "fault", what: `oom.on_kill: ${what}`, ...(memcg !== null && { memcg }) });
  }
}
