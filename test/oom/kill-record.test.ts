import { expect, test } from "vitest";
import type { Decision } from "../../src/oom/decide.ts";
import { killLine } from "../../src/oom/kill-record.ts";
import { grow } from "../support/grow.ts";
import { usePolicy } from "../support/use-policy.ts";

/** As oomd's tools and dashboards read it. */
const OOMD =
  /^oomd kill: (\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d) (\S+) (\d+) ruleset:\[(.*?)\] detectorgroup:\[(.*?)\] killer:(\S+) v2$/;

test.each([
  ["a process", 0, ["0.00", "0.00", "0.00", "/a\\x0ab", "4096", "badnessd", "/", "kernel"]],
  ["a memcg with its pressure", 1, ["1.50", "2.00", "0.25", "/a\\x0ab", "8192", "badnessd", "/", "kernel"]],
])("%s", (_, index, fields) => {
  const memoryPressure = { avg10: 1.5, avg60: 2, avg300: 0.25 };
  const hierarchy = grow({ "a\nb": [2, 3] }, { memcgs: { "a\nb": { memoryPressure } } });
  const [memcg] = hierarchy.children;
  if (memcg === undefined) throw new Error("no memcg");
  const [task] = memcg.tasks;
  const victims = [
    { kind: "process", task },
    { kind: "memcg", memcg, tasks: memcg.tasks },
  ] as const;
  const decision = { by: usePolicy("kernel"), hierarchy } as unknown as Decision;
  const line = killLine(decision, memcg.path, victims[index] as Parameters<typeof killLine>[2]);
  expect(OOMD.exec(line)?.slice(1)).toEqual(fields);
});
