/** A memcg of three, guarded with a policy, that a hog runs out of memory. */
import { TestDaemon } from "./daemon.ts";
import { TestMemcgs } from "./memcgs.ts";

export class PolicyScene {
  readonly memcgs = new TestMemcgs(200);
  readonly daemon = new TestDaemon();

  constructor() {
    this.memcgs.make("a", "b", "hog");
  }

  /** `policy`: what stands behind `policy:` for the OOM memcg. The hog dies last, if badness decides, and b first. */
  async guard(policy: string, ...more: string[]): Promise<void> {
    const rules = [
      `  ${this.memcgs.top}: { policy: ${policy} }`,
      `  ${this.memcgs.path("b")}: { badness: 100 }`,
      `  ${this.memcgs.path("hog")}: { badness: 9000 }`,
    ];
    this.daemon.configure([`oom.guard = ${this.memcgs.top}`, ...more], `memcgs:\n${rules.join("\n")}\n`);
    await this.daemon.start();
  }

  /** Pids of all who have died once there were so many kills. */
  async victims(count = 1): Promise<number[]> {
    const kills = await this.daemon.event("kill", count);
    return kills.flatMap((kill) => kill.victims.map(({ pid }) => pid));
  }

  /** The policies that have decided so far. */
  async decided(): Promise<string[]> {
    return (await this.daemon.eventsOf("decision")).map(({ policy }) => policy);
  }

  async clean(): Promise<void> {
    await this.daemon.clean();
    await this.memcgs.clean();
  }
}
