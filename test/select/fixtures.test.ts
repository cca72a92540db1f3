import { expect, test } from "vitest";
import { strictPriority } from "../../policies/strict-priority.ts";
import { decisionJson } from "../../src/report/decision-json.ts";
import { rank } from "../../src/select/walk.ts";
import { hierarchyOf } from "../../src/snapshot/tree.ts";
import { readCase, snapshotCases } from "../support/snapshot-fixtures.ts";

test.each(snapshotCases)("%s", (name) => {
  const snapshot = readCase(name);
  const ranking = [...rank(hierarchyOf(snapshot), strictPriority)];
  const { victim, ranked } = decisionJson(ranking, []);
  const short = ranked.map((each) => (each.kind === "process" ? each.pid : each.path));
  expect({ victim, ranked: short }).toEqual("expect" in snapshot ? snapshot.expect : null);
});
