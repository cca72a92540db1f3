/** Whether a death has freed memory, where somebody else has taken it before anybody looks. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemcgTree } from "../../src/hierarchy/tree.ts";
import type { Decision } from "../../src/oom/decide.ts";
import { watchMemory } from "../../src/oom/turns.ts";
import type { Victim } from "../../src/select/types.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";

const MIB = 1024 * 1024;
const reason = whyNotLive();

describe.skipIf(reason !== null)(`the memory of a victim (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;

  beforeEach(() => {
    memcgs = new TestMemcgs();
    memcgs.make("a");
  });

  afterEach(() => memcgs.clean());

  /** Begins to look at the victim of an evaluator. */
  function watch(rssMib: number): () => boolean {
    const decision = { by: { policy: { evaluateTask: () => "select" } } } as unknown as Decision;
    const victim = { kind: "process", task: { memcg: memcgs.path("a"), rssBytes: rssMib * MIB } } as Victim;
    return watchMemory(decision, victim, new MemcgTree(memcgs.mount, false));
  }

  const usage = () => Number(memcgs.read("a", "memory.usage_in_bytes"));

  test("has come back, though more is used by now", async () => {
    const victim = await memcgs.hold("a", 60);
    const before = usage();
    const hasFreed = watch(60);
    victim.kill("SIGKILL");
    await once(victim, "exit");
    await memcgs.hold("a", 90);
    expect(usage()).toBeGreaterThan(before);
    expect(hasFreed()).toBe(true);
  });

  test("has not come back where others have only taken more", async () => {
    await memcgs.hold("a", 60);
    const hasFreed = watch(60);
    await memcgs.hold("a", 30);
    expect(hasFreed()).toBe(false);
  });
});
