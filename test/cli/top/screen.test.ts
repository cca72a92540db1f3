import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOf } from "../../../src/cli/top/cells.ts";
import { type Command, press } from "../../../src/cli/top/commands.ts";
import { frameOf, wholeFrame } from "../../../src/cli/top/screen.ts";
import { initialState } from "../../../src/cli/top/state.ts";
import { killOf, processVictim, sightOf } from "../../support/plain-sight.ts";

const MIB = 2 ** 20;
const NOW = new Date(2026, 10, 23, 14, 3, 2).getTime();
const size = (columns: number, rows: number) => ({ columns, rows });
const jobs = sightOf({
  memcgs: {
    "/jobs": { usageBytes: 500 * MIB, limitBytes: 512 * MIB, rssBytes: 480 * MIB, armed: true, underOom: true },
    "/jobs/batch": { badness: 100, badnessFrom: "trusted.oom_badness", usageBytes: 100 * MIB, rssBytes: 90 * MIB },
    "/jobs/batch/train": { usageBytes: 82 * MIB, rssBytes: 80 * MIB },
    "/jobs/db": { badness: 10_000 },
    "/jobs/secret": { unreadable: "cannot read /x: EACCES" },
    "/jobs/web/1": {},
    "/jobs/web/2": {},
    "/jobs/\x1b[31m名前": {},
  },
  next: processVictim("/jobs/batch/train", 71, "tr\x1bain"),
  daemon: { kills: [killOf(1, 70, "a\x1b[2Jb", "/jobs/batch/train")] },
});

const texts = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text.trimEnd());

test("80×24", () => {
  const state = { ...initialState("/jobs"), cursor: "/jobs/batch", folded: new Set(["/jobs/web"]) };
  expect(texts(frameOf(state, jobs, size(80, 24), NOW).lines)).toEqual([
    "badnessd 1.2.3, 0 armed                                        by name  14:03:02",
    "/jobs is OUT OF MEMORY, next to die: process 71 (tr\\x1bain) of batch/train, bad…",
    "   BADNESS    USAGE /   LIMIT     %      RSS  HELD   MEMCG",
    " →    5000  500 MiB / 512 MiB   97%  480 MiB  OOM!   /jobs",
    "      5000      0 B /       –     –      0 B           \\x1b[31m名前",
    ">→     100  100 MiB /       –     –   90 MiB           batch",
    " ✗    5000   82 MiB /       –     –   80 MiB             train ◀ 71 tr\\x1bain",
    "     never      0 B /       –     –      0 B           db",
    "   secret: cannot read /x: EACCES",
    "      5000      0 B /       –     –      0 B         ▸ web (2)",
    ...Array.from({ length: 10 }, () => ""),
    "RECENT KILLS",
    "  11-23 14:02:01  killed 70 (a\\x1b[2Jb), 80 MiB of /jobs/batch/train",
    "/jobs/batch: badness 100 (trusted.oom_badness), kill process, delay 10000 ms",
    "↑↓ move  ←→ fold  Enter in  Backspace out  n b u f sort  v next  ? help  q quit",
  ]);
});

test("there is more to see on a wide screen, and less on a narrow one", () => {
  const row = (columns: number) => texts(frameOf(initialState("/jobs"), jobs, size(columns, 5), NOW).lines).slice(2, 4);
  expect(row(120)).toEqual([
    "   BADNESS  KILL       USAGE /   LIMIT     %                    RSS  HELD   MEMCG",
    ">→    5000  process  500 MiB / 512 MiB   97%  [||||||||||]  480 MiB  OOM!   /jobs",
  ]);
  expect(row(40)).toEqual(["   BADNESS     %  HELD   MEMCG", ">→    5000   97%  OOM!   /jobs"]);
  expect(row(15)).toEqual(["      %  MEMCG", ">→  97%  /jobs"]);
});

test.each([
  [1, [">→    5000"]],
  [2, ["/jobs is O", ">→    5000"]],
  [3, ["/jobs is O", "   BADNESS", ">→    5000"]],
  [4, ["badnessd 1", "/jobs is O", "   BADNESS", ">→    5000"]],
])("of a screen of %i lines the cursor has one", (rows, starts) => {
  const { lines } = frameOf(initialState("/jobs"), jobs, size(80, rows), NOW);
  expect(lines.map(({ text }) => text.slice(0, 10))).toEqual(starts);
});

test.each([
  ["no daemon", { status: null, goneSince: 1 }, "no badnessd: the settings are those of its files", /not known/],
  [
    "one that is gone",
    { goneSince: NOW },
    "badnessd is gone since 14:03:02: its last settings",
    /before badnessd was gone/,
  ],
  ["one that answers", { goneSince: null }, "badnessd 1.2.3, 0 armed", /^ {2}none$/],
])("with %s it says so", (_, daemon, title, kills) => {
  const lines = texts(frameOf(initialState("/"), sightOf({ memcgs: {}, daemon }), size(80, 24), NOW).lines);
  expect(lines[0]).toMatch(new RegExp(`^${title} +by name  14:03:02$`));
  expect(lines[lines.indexOf("RECENT KILLS") + 1]).toMatch(kills);
});

test("of thousands of memcgs only those on the screen are read", () => {
  const memcgs = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`/jobs/${index}`, {}]));
  const read = new Set<string>();
  const sight = sightOf({ memcgs, onRead: (path) => read.add(path) });
  const { shown, state } = frameOf({ ...initialState("/jobs"), cursor: "/jobs/777" }, sight, size(80, 24), NOW);
  expect(shown.rows).toHaveLength(5_001);
  // The top, whose state is in the second line, is not among them.
  expect(read.size).toBe(shown.height + 1);
  expect(shown.rows[state.cursorRow]?.node.path).toBe("/jobs/777");
});

test("the help takes the place of the tree", () => {
  const lines = texts(frameOf({ ...initialState("/jobs"), isHelp: true }, jobs, size(80, 24), NOW).lines);
  expect(lines).toHaveLength(24);
  expect(lines).toContain("  v                            go to the next victim");
  expect(lines.join("\n")).not.toContain("batch  ");
});

test("printed, it is the whole tree, and there is no cursor and no key", () => {
  const memcgs = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`/jobs/${index}`, {}]));
  const lines = texts(wholeFrame(initialState("/jobs"), sightOf({ memcgs }), 80, NOW));
  expect(lines).toHaveLength(3 + 101 + 2);
  expect(lines.filter((line) => /^>|quit/.test(line))).toEqual([]);
});

const COMMANDS: readonly Command[] = [
  "up",
  "down",
  "pageUp",
  "pageDown",
  "first",
  "last",
  "victim",
  "fold",
  "unfold",
  "toggle",
  "foldAll",
  "unfoldAll",
  "enter",
  "leave",
  "byName",
  "byBadness",
  "byUsage",
  "byFill",
  "nextOrder",
  "help",
];
const names = ["a", "名前", "e\u0301\u0301", "\x1b[2J", "\udcff", "😀\ufe0f", "x".repeat(200), "\u202e", "b c"];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((part) => `/${part}`).join(""));
const bytes = fc.constantFrom(0, 1, 1023, 999 * MIB, 2 ** 53);
const facts = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      badness: fc.nat(10_000),
      usageBytes: bytes,
      limitBytes: fc.option(bytes),
      rssBytes: bytes,
      armed: fc.boolean(),
      underOom: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ unreadable: "cannot read \x1b[31m: EACCES" }) },
);
const scene = fc.dictionary(path, facts, { maxKeys: 12 }).chain((memcgs) =>
  fc.record({
    memcgs: fc.constant(memcgs),
    next: fc.option(
      fc.constantFrom("/", ...Object.keys(memcgs)).map((memcg) => processVictim(memcg, 7, "\x1b]0;日\x07")),
    ),
    daemon: fc.record({
      kills: fc.array(
        path.map((memcg) => killOf(1, 7, "\n日", memcg)),
        { maxLength: 6 },
      ),
    }),
  }),
);

/** Scenes follow each other as in life: memcgs come and go between two keys. */
const life = fc.array(
  fc.tuple(scene, fc.constantFrom(...COMMANDS), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 30 })),
  { minLength: 1, maxLength: 8 },
);

test("whatever there is to see, whatever was pressed, whatever the size: it fits, and the cursor is on it", () => {
  fc.assert(
    fc.property(life, (steps) => {
      let state = initialState("/");
      for (const [plain, command, columns, rows] of steps) {
        const sight = sightOf(plain);
        const before = frameOf(state, sight, size(columns, rows), NOW);
        const frame = frameOf(press(before.state, command, before.shown), sight, size(columns, rows), NOW);
        expect(frame.lines).toHaveLength(rows);
        for (const { text } of frame.lines) {
          expect(cellsOf(text)).toBe(columns);
          expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
        expect(frame.lines.filter(({ isCursor }) => isCursor)).toHaveLength(frame.state.isHelp ? 0 : 1);
        expect(frame.shown.rows[frame.state.cursorRow]?.node.path).toBe(frame.state.cursor);
        state = frame.state;
      }
    }),
  );
});
