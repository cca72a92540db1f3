import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeEvent } from "../../src/report/describe.ts";
import type { EventBody } from "../../src/report/events.ts";

const inWords = (body: EventBody) => describeEvent({ time: "2026-01-01T00:00:00.000Z", seq: 1, ...body });

describe("whatever names there are", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\x1b[31m", "\x1b]0;x\x07", "\r", "a\nb", "\u202e", "\udcff", "\u2028", "\x9b"),
  );
  const facts = { pid: fc.nat(), startTime: fc.nat(), comm: name, memcg: name, rssBytes: fc.nat() };
  const anyVictim = fc.record(facts);
  const anyEvent: fc.Arbitrary<EventBody> = fc.oneof(
    fc.record({ type: fc.constant("stopped" as const), restored: fc.nat(), failed: fc.array(name) }),
    fc.record({ type: fc.constant("armed" as const), memcg: name, delayMs: fc.nat() }),
    fc.record({ type: fc.constant("disarmed" as const), memcg: name, why: name }),
    fc.record({ type: fc.constant("oom" as const), memcg: name, usageBytes: fc.nat(), limitBytes: fc.nat() }),
    fc.record({ type: fc.constant("config" as const), changes: fc.array(name) }),
    fc.record({ type: fc.constant("fault" as const), memcg: name, what: name }),
    fc.record({ type: fc.constant("fault" as const), what: name }),
    fc.record({
      type: fc.constant("kill" as const),
      memcg: name,
      dryRun: fc.boolean(),
      victims: fc.array(anyVictim),
      missed: fc.array(fc.record({ ...facts, why: name })),
    }),
    fc.record({ type: fc.constant("stuck" as const), memcg: name, victims: fc.array(anyVictim), waitedMs: fc.nat() }),
    fc.record({ type: fc.constant("delay-expired" as const), memcg: name, delayMs: fc.nat(), kernelKilled: fc.nat() }),
    fc.record({
      type: fc.constant("kernel-kill" as const),
      cause: fc.constantFrom("memcg" as const, "system" as const),
      memcg: fc.option(name),
      oomMemcg: fc.option(name),
      pid: fc.option(fc.nat()),
      comm: fc.option(name),
    }),
    fc.record({ type: fc.constant("note" as const), what: name }),
  );

  test("nothing that a terminal obeys is in the words", () => {
    fc.assert(
      fc.property(anyEvent, (body) => {
        expect(inWords(body).replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 1_000 },
    );
  });

  test("and no name makes a line that could be taken for another event", () => {
    expect(inWords({ type: "armed", memcg: "/a\nbadnessd 1 is ready", delayMs: 1 })).not.toContain("\n");
    expect(inWords({ type: "disarmed", memcg: "/a", why: "x\ny" })).not.toContain("\n");
  });
});
