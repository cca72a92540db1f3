/** Hears of the machine's memory, and touches nothing but memcgs of its own. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SystemBells } from "../../src/notify/system-bells.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();
const MIB = 1024 * 1024;
const TAKEN_MIB = 200;

describe.skipIf(reason !== null)(`the root memcg (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  beforeEach(() => {
    memcgs = new TestMemcgs();
    memcgs.make("a");
  });
  afterEach(() => memcgs.clean());

  test("tells once that memory is used, and again when somebody listens again", async () => {
    let rings = 0;
    const bells = new SystemBells(memcgs.mount, () => {
      rings += 1;
    });
    expect(bells.stallRefused).toBe(null);
    for (const turn of [1, 2]) {
      // The threshold stands halfway.
      bells.listen(TAKEN_MIB * MIB);
      expect(bells.refused).toEqual([]);
      await memcgs.hold("a", TAKEN_MIB);
      await until("it rings", () => rings >= turn);
      await memcgs.killAll();
      bells.hasRung();
    }
    bells.close();
  });
});
