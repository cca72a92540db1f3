/** A guarded memcg in which processes die and are counted. */
import { expect } from "vitest";
import type { MemcgCounters } from "../../src/report/counters.ts";
import type { Event } from "../../src/report/events.ts";
import { TestDaemon } from "./daemon.ts";
import { TestMemcgs } from "./memcgs.ts";
import { until } from "./wait.ts";

export const NONE = { handler: 0, kernel: 0 };

export class CountingScene {
  readonly memcgs = new TestMemcgs(60);
  readonly daemon = new TestDaemon();

  guardTop(...more: string[]): void {
    this.daemon.configure([`oom.guard = ${this.memcgs.top}`, ...more]);
  }

  statsOf(name = ""): MemcgCounters {
    const { code, stdout, stderr } = this.daemon.ctl("stats", "--json", this.memcgs.path(name));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout) as MemcgCounters;
  }

  /** Those in this very scene: the kernel may kill elsewhere meanwhile. */
  async kernelKills(): Promise<Extract<Event, { type: "kernel-kill" }>[]> {
    const kills = await this.daemon.eventsOf("kernel-kill");
    return kills.filter(({ memcg }) => memcg?.startsWith(this.memcgs.top) === true);
  }

  /** A process that grows until it is killed; resolves to its pid then. */
  async dieIn(name: string): Promise<number> {
    const hog = this.memcgs.grow(name);
    await until(`the one in ${name} is dead`, () => hog.signalCode === "SIGKILL" || hog.exitCode !== null);
    expect(hog.signalCode).toBe("SIGKILL");
    return hog.pid ?? 0;
  }

  async clean(): Promise<void> {
    await this.daemon.clean();
    await this.memcgs.clean();
  }
}
