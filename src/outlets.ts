/** Where events go without being asked for, as the configuration says. */
import type { OnKillSettings, Settings } from "./config/types.ts";
import { OnKill } from "./hooks/on-kill.ts";
import { Reporter } from "./report/events.ts";
import { type Log, openLog } from "./report/log.ts";

/** Events that are kept for those who ask later. */
const KEPT_EVENTS = 1_000;

export class Outlets {
  readonly reporter: Reporter = new Reporter(KEPT_EVENTS);
  readonly #log: Log;
  readonly #onKill: OnKill;

  /** `notes`: for the log alone, before anything has happened. */
  constructor(settings: Settings, notes: readonly string[]) {
    this.#log = openLog(settings.log);
    for (const note of notes) this.#log.line("info", note);
    this.reporter.listen((event) => this.#log.event(event));
    this.#onKill = new OnKill(this.reporter, onKillOf(settings));
  }

  /** Another configuration is to be told of as it says itself. */
  configure(settings: Settings): void {
    this.#log.configure(settings.log);
    this.#onKill.configure(onKillOf(settings));
  }

  stop(): void {
    this.#onKill.stop();
  }
}

/** In a dry run the kernel kills as ever, and that is nothing to be told of. */
function onKillOf({ dryRun, onKill }: Settings): OnKillSettings {
  return dryRun ? { ...onKill, command: "" } : onKill;
}
