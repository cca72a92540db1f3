import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { built, runScript } from "../support/script.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`arming (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;

  beforeEach(() => {
    memcgs = new TestMemcgs();
    memcgs.make("a");
  });
  afterEach(() => memcgs.clean());

  /** Runs `lines` with a hold on the top; they have `hold`, `faults`, `node` and `limitDescriptors(free)`. */
  function withHold(lines: string): unknown {
    const { code, stdout, stderr } = runScript(`
      import { execFileSync } from "node:child_process";
      import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
      import { tmpdir } from "node:os";
      import { MemcgTree } from ${built("hierarchy/tree")};
      import { Hold } from ${built("hold/hold")};
      import { Bells } from ${built("notify/bells")};
      const tree = new MemcgTree(${JSON.stringify(memcgs.mount)}, false);
      const node = tree.find(${JSON.stringify(memcgs.path("a"))});
      const faults = [];
      const runtimeDir = mkdtempSync(tmpdir() + "/badnessd-test-");
      const hold = new Hold({
        mountPoint: tree.mountPoint,
        runtimeDir,
        dryRun: false,
        bells: new Bells(() => {}),
        watchdog: { watch: async (held) => new Set(held.map((one) => one.node.ino)), unwatch() {} },
        directoryOf: (each) => tree.directoryOf(each),
        delayOf: () => 1_000,
        onFault: (memcg, what) => faults.push(what),
      });
      function limitDescriptors(free) {
        const setLimit = (limit) => execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=" + limit + ":"]);
        // The first child leaves descriptors behind that the second one shares.
        setLimit(1_000);
        const next = openSync("/dev/null");
        closeSync(next);
        setLimit(next + free);
      }
      let result;
      ${lines}
      rmSync(runtimeDir, { recursive: true });
      process.stdout.write(JSON.stringify(result));
      process.exit();
    `);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test("listens, records and holds off", () => {
    const result = withHold("await hold.arm([node]); result = { held: hold.held.size, faults };");
    expect(result).toEqual({ held: 1, faults: [] });
    expect(memcgs.oomControl("a", "oom_kill_disable")).toBe(1);
  });

  test.each([
    ["no descriptor is left for memory.oom_control", 0, /^left to the kernel: cannot open .*EMFILE/],
    [
      "no descriptor is left for the bell",
      1,
      /^left to the kernel: cannot listen to it: cannot create an eventfd: EMFILE/,
    ],
  ])("where %s it is not held, and so never armed blind", (_, free, fault) => {
    const result = withHold(`
      limitDescriptors(${free});
      await hold.arm([node]);
      result = { held: hold.held.size, faults };
    `) as { held: number; faults: string[] };
    expect(result.held).toBe(0);
    expect(result.faults).toHaveLength(1);
    expect(result.faults[0]).toMatch(fault);
    expect(memcgs.oomControl("a", "oom_kill_disable")).toBe(0);
  });
});
