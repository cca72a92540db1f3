/** The metrics of a badnessd of which nothing is there but what has been reported. */
import { Exporter } from "../../src/metrics/exporter.ts";
import { Observed } from "../../src/metrics/observed.ts";
import { Counters } from "../../src/report/counters.ts";
import { type EventBody, Reporter } from "../../src/report/events.ts";

export class Reported {
  readonly reporter: Reporter = new Reporter(1_000);
  readonly counters: Counters = new Counters(() => 1n);
  armed: string[] = [];
  dryRun = false;
  readonly onKill = { ok: 0, failed: 0, timeout: 0, skipped: 0 };
  readonly #observed = new Observed(this.reporter);

  constructor() {
    this.reporter.listen((event) => this.counters.take(event));
  }

  report(...bodies: EventBody[]): void {
    for (const body of bodies) this.reporter.report(body);
    this.reporter.flush();
  }

  text(): Promise<string> {
    const pids = { handler: process.pid, failsafe: -1 };
    const presence = () => ({ armed: this.armed, dryRun: this.dryRun, pids });
    const { counters } = this;
    return new Exporter({ counters, presence, observed: this.#observed, onKill: () => this.onKill }).text();
  }
}

/** A kill by the handler of one process. */
export function killOf(memcg: string, victim: string, pid: number): EventBody {
  const victims = [{ pid, startTime: 1, comm: "job", memcg: victim, rssBytes: 4096 }];
  return { type: "kill", memcg, dryRun: false, victims, missed: [] };
}
