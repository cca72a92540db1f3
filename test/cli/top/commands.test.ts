import { expect, test } from "vitest";
import { type Command, press } from "../../../src/cli/top/commands.ts";
import { frameOf } from "../../../src/cli/top/screen.ts";
import type { Sight } from "../../../src/cli/top/sight.ts";
import { initialState, type TopState } from "../../../src/cli/top/state.ts";
import { processVictim, sightOf } from "../../support/plain-sight.ts";

const SIZE = { columns: 80, rows: 24 };
const MIB = 2 ** 20;
const jobs = sightOf({
  memcgs: {
    "/jobs/a": { badness: 9000, usageBytes: 10 * MIB, limitBytes: 100 * MIB, rssBytes: 1 },
    "/jobs/b/x": {},
    "/jobs/b/y/z": {},
    "/jobs/b": { badness: 100, usageBytes: 20 * MIB, rssBytes: 2 },
    "/jobs/c": { badness: 100, usageBytes: 30 * MIB, limitBytes: 60 * MIB, rssBytes: 3 },
    "/other": {},
  },
  next: processVictim("/jobs/b/y/z", 71, "train"),
});

/** The rows below the top as they stand on the screen, the cursor's in brackets. */
function play(sight: Sight, top: string, commands: readonly Command[], state: TopState = initialState(top)): string {
  let frame = frameOf(state, sight, SIZE, 0);
  for (const command of commands) frame = frameOf(press(frame.state, command, frame.shown), sight, SIZE, 0);
  return frame.shown.rows
    .map(({ node, depth }, row) => {
      const name = depth === 0 ? node.path : node.name;
      return row === frame.state.cursorRow ? `[${name}]` : name;
    })
    .join(" ");
}

test.each<[commands: Command[], rows: string]>([
  [[], "[/jobs] a b x y z c"],
  [["down", "down"], "/jobs a [b] x y z c"],
  [["down", "up", "up"], "[/jobs] a b x y z c"],
  [["pageDown"], "/jobs a b x y z [c]"],
  [["pageDown", "pageUp"], "[/jobs] a b x y z c"],
  [["last"], "/jobs a b x y z [c]"],
  [["last", "down", "first"], "[/jobs] a b x y z c"],
  [["down", "down", "fold"], "/jobs a [b] c"],
  [["down", "down", "fold", "down"], "/jobs a b [c]"],
  [["down", "down", "fold", "unfold"], "/jobs a [b] x y z c"],
  [["down", "down", "fold", "fold"], "[/jobs] a b c"],
  [["down", "fold"], "[/jobs] a b x y z c"],
  [["fold"], "[/jobs]"],
  [["fold", "fold"], "[/jobs]"],
  [["fold", "toggle", "toggle"], "[/jobs]"],
  [["down", "toggle"], "/jobs [a] b x y z c"],
  [["foldAll"], "[/jobs] a b c"],
  [["down", "down", "down", "down", "down", "foldAll"], "/jobs a [b] c"],
  [["foldAll", "down", "down", "unfold"], "/jobs a [b] x y c"],
  [["foldAll", "unfoldAll"], "[/jobs] a b x y z c"],
  [["victim"], "/jobs a b x y [z] c"],
  [["foldAll", "victim"], "/jobs a b x y [z] c"],
  [["down", "down", "enter"], "[/jobs/b] x y z"],
  [["down", "down", "fold", "enter"], "[/jobs/b] x y z"],
  [["down", "down", "enter", "leave"], "/jobs a [b] x y z c"],
  [["leave"], "/ [jobs] a b x y z c other"],
  [["leave", "leave"], "[/] jobs a b x y z c other"],
  [["byBadness"], "[/jobs] c b x y z a"],
  [["byUsage"], "[/jobs] c b x y z a"],
  [["byFill"], "[/jobs] c a b x y z"],
  [["byFill", "byName"], "[/jobs] a b x y z c"],
  [["nextOrder"], "[/jobs] c b x y z a"],
  [["nextOrder", "nextOrder", "nextOrder"], "[/jobs] c a b x y z"],
  [["nextOrder", "nextOrder", "nextOrder", "nextOrder"], "[/jobs] a b x y z c"],
  // The cursor stays on its memcg, not on its row.
  [["down", "byFill"], "/jobs c [a] b x y z"],
  [["help", "down"], "[/jobs] a b x y z c"],
  [["help", "down", "down"], "/jobs [a] b x y z c"],
])("%j", (commands, rows) => {
  expect(play(jobs, "/jobs", commands)).toBe(rows);
});

test("without a victim there is nothing to go to", () => {
  expect(play(sightOf({ memcgs: { "/a/b": {} } }), "/a", ["victim"])).toBe("[/a] b");
});

test("a memcg that is gone leaves the cursor where it was on the screen", () => {
  const state = { ...initialState("/jobs"), cursor: "/jobs/gone", cursorRow: 2 };
  expect(play(jobs, "/jobs", [], state)).toBe("/jobs a [b] x y z c");
  expect(play(jobs, "/jobs", [], { ...state, cursorRow: 99 })).toBe("/jobs a b x y z [c]");
});

test("a top that is gone makes way for what is left above it", () => {
  expect(play(jobs, "/jobs/gone/too", [])).toBe("[/jobs] a b x y z c");
});

test("a new memcg above the cursor does not move it to another", () => {
  const state = { ...initialState("/jobs"), cursor: "/jobs/c", cursorRow: 1 };
  expect(play(jobs, "/jobs", [], state)).toBe("/jobs a b x y z [c]");
});
