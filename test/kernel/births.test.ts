import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { Births } from "../../src/kernel/births.ts";

const births = Births.open();

describe.skipIf(births === null)("the kernel's list of births", () => {
  afterAll(() => births?.close());
  const drain = () => births?.drain() ?? { births: [], isComplete: false };

  test("tells of children and of theirs, in order, and of no threads", () => {
    drain();
    const { pid, stdout } = spawnSync("sh", ["-c", "(sh -c 'echo $$; true')"], { encoding: "utf8" });
    const { births: all, isComplete } = drain();
    expect(isComplete).toBe(true);
    expect(all).toContainEqual({ parent: process.pid, child: pid });
    const grandchild = all.find(({ child }) => child === Number(stdout));
    expect(grandchild).toBeDefined();
    expect(all.indexOf(grandchild ?? { parent: 0, child: 0 })).toBeGreaterThan(
      all.findIndex(({ child }) => child === pid),
    );
  });

  test("is empty once it is read", () => {
    drain();
    expect(drain().births.filter(({ parent }) => parent === process.pid)).toEqual([]);
  });

  test("says when it was too much to keep", () => {
    drain();
    spawnSync("bash", ["-c", "for ((i = 0; i < 20000; i++)); do (:); done"]);
    const { births: all, isComplete } = drain();
    expect(all.length).toBeGreaterThan(500);
    expect(isComplete || all.length >= 20_000).toBe(all.length >= 20_000);
    expect(drain().isComplete).toBe(true);
  });
});
