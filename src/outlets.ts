/** Where events go without being asked for, as the configuration says. */
import type { Settings } from "./config/types.ts";
import { Reporter } from "./report/events.ts";
import { type Log, openLog } from "./report/log.ts";

/** Events that are kept for those who ask later. */
const KEPT_EVENTS = 1_000;

export class Outlets {
  readonly reporter: Reporter = new Reporter(KEPT_EVENTS);
  readonly #log: Log;

  /** `notes`: for the log alone, before anything has happened. */
  constructor({ log }: Settings, notes: readonly string[]) {
    this.#log = openLog(log);
    for (const note of notes) this.#log.line("info", note);
    this.reporter.listen((event) => this.#log.event(event));
  }

  /** Another configuration is to be told of as it says itself. */
  configure({ log }: Settings): void {
    this.#log.configure(log);
  }
}
