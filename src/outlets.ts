/**
 * Where events go without being asked for, as the configuration says: the log, `oom.on_kill`, the metrics.
 * What is not configured, or not asked for, is not even loaded: the handler is to stay small.
 */
import type { OnKillSettings, Settings } from "./config/types.ts";
import type { OnKill, OnKillCounts } from "./hooks/on-kill.ts";
import type { Exporter } from "./metrics/exporter.ts";
import type { Sources } from "./metrics/figures.ts";
import type { MetricsListener } from "./metrics/listener.ts";
import { Observed } from "./metrics/observed.ts";
import { Reporter } from "./report/events.ts";
import { type Log, openLog } from "./report/log.ts";

/** Events that are kept for those who ask later. */
const KEPT_EVENTS = 1_000;
const NEVER_RUN: OnKillCounts = { ok: 0, failed: 0, timeout: 0, skipped: 0 };

/** What the metrics tell of beside events. */
type Shown = Pick<Sources, "counters" | "presence">;

export class Outlets {
  readonly reporter: Reporter = new Reporter(KEPT_EVENTS);
  readonly #log: Log;
  readonly #observed: Observed = new Observed(this.reporter);
  #onKill: OnKill | null = null;
  #listener: MetricsListener | null = null;
  #shown: Shown | null = null;
  #exporter: Exporter | null = null;

  private constructor(log: Log) {
    this.#log = log;
    this.reporter.listen((event) => log.event(event));
  }

  /** `notes`: for the log alone, before anything has happened. */
  static async open(settings: Settings, notes: readonly string[]): Promise<Outlets> {
    const log = openLog(settings.log);
    for (const note of notes) log.line("info", note);
    const outlets = new Outlets(log);
    await outlets.configure(settings);
    return outlets;
  }

  /** Goes by these settings from now on. Never rejects. */
  async configure(settings: Settings): Promise<void> {
    this.#log.configure(settings.log);
    await this.#orFault("oom.on_kill", () => this.#configureOnKill(onKillOf(settings)));
    if (this.#shown !== null) await this.#orFault("oom.metrics.listen", () => this.#configureListener(settings));
  }

  /** From now on there are metrics, for whoever asks. */
  async show(shown: Shown, settings: Settings): Promise<void> {
    this.#shown = shown;
    await this.configure(settings);
  }

  /** In Prometheus's text format. Rejects where they cannot be had. */
  async metrics(): Promise<string> {
    if (this.#exporter === null) {
      const { Exporter: Loaded } = await import("./metrics/exporter.ts");
      this.#exporter ??= new Loaded(this.#sources());
    }
    return this.#exporter.text();
  }

  stop(): void {
    this.#onKill?.stop();
    this.#listener?.stop();
  }

  async #configureOnKill(settings: OnKillSettings): Promise<void> {
    if (this.#onKill === null && settings.command !== "") {
      const { OnKill: Loaded } = await import("./hooks/on-kill.ts");
      this.#onKill = new Loaded(this.reporter);
    }
    this.#onKill?.configure(settings);
  }

  async #configureListener({ metrics: { listen } }: Settings): Promise<void> {
    if (this.#listener === null && listen !== null) {
      const { MetricsListener: Loaded } = await import("./metrics/listener.ts");
      const onFault = (what: string) => this.reporter.report({ type: "fault", what });
      this.#listener = new Loaded({ metrics: () => this.metrics(), onFault });
    }
    this.#listener?.configure(listen);
  }

  #sources(): Sources {
    if (this.#shown === null) throw new Error("badnessd is starting");
    return { ...this.#shown, observed: this.#observed, onKill: () => this.#onKill?.counts ?? NEVER_RUN };
  }

  /** What cannot be loaded, for want of descriptors or of memory, is tried again at the next reload. */
  async #orFault(key: string, configure: () => Promise<void>): Promise<void> {
    try {
      await configure();
    } catch (error) {
      this.reporter.report({ type: "fault", what: `${key}: ${(error as Error).message}` });
    }
  }
}

/** In a dry run the kernel kills as ever, and that is nothing to be told of. */
function onKillOf({ dryRun, onKill }: Settings): OnKillSettings {
  return dryRun ? { ...onKill, command: "" } : onKill;
}
