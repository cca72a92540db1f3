import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseProcStat } from "../../../src/kernel/parse/proc-stat.ts";

const STATE = 3;
const FLAGS = 9;
const START_TIME = 22;
const RSS = 24;
const SIGNAL = 31;

/** A line as the kernel prints it, with some of its 52 fields replaced, by their numbers in proc_pid_stat(5). */
function line(comm: string, fields: Record<number, string | number> = {}): string {
  const values = Array.from({ length: 50 }, (_, index) => fields[index + STATE] ?? (index === 0 ? "S" : "0"));
  return `4711 (${comm}) ${values.join(" ")}\n`;
}

test.each([
  ["plain", "sleep"],
  ["empty", ""],
  ["a parenthesis and a state", "foo) Z "],
  ["parentheses", "()()())))(((()()"],
  ["a whole line of its own", "a) R 1 1 1 0 -1"],
  ["line ends", "two\nlines\n"],
  ["nothing but blanks", "   "],
  ["a closing parenthesis", ")"],
  ["an opening one", "("],
  ["tabs and backslashes", "\t\\n"],
  ["bytes that are no UTF-8", "caf\udcc3"],
])("a comm of %s", (_, comm) => {
  const expected = { pid: 4711, comm, state: "D", startTime: 12, rssPages: 99 };
  expect(parseProcStat(line(comm, { [STATE]: "D", [START_TIME]: 12, [RSS]: 99 }))).toMatchObject(expected);
});

test.each([
  ["none", {}, { kernelThread: false, exiting: false, killPending: false }],
  ["PF_KTHREAD", { [FLAGS]: 0x200000 }, { kernelThread: true, exiting: false }],
  ["PF_EXITING", { [FLAGS]: 0x4 }, { kernelThread: false, exiting: true }],
  ["all 32 flags", { [FLAGS]: 0xffffffff }, { kernelThread: true, exiting: true }],
  ["PF_SIGNALED", { [FLAGS]: 0x400 }, { kernelThread: false, exiting: true }],
  ["all but those three", { [FLAGS]: 0xffffffff - 0x200404 }, { kernelThread: false, exiting: false }],
  ["SIGKILL pending", { [SIGNAL]: 0x100 }, { killPending: true }],
  ["every other signal pending", { [SIGNAL]: 0x7fffffff - 0x100 }, { killPending: false }],
  ["every signal pending", { [SIGNAL]: 0x7fffffff }, { killPending: true }],
] as const)("flags and signals: %s", (_, fields, expected) => {
  expect(parseProcStat(line("x", fields))).toMatchObject(expected);
});

test("huge numbers lose their last digits and nothing else", () => {
  const fields = { [START_TIME]: `${2n ** 64n - 1n}`, [RSS]: `${2n ** 63n}` };
  expect(parseProcStat(line("x", fields))).toMatchObject({ startTime: 2 ** 64, rssPages: 2 ** 63, state: "S" });
});

test("a kernel with more fields than we know, or as few as Linux 2.6 had", () => {
  const whole = line("x", { [SIGNAL]: 0x100 }).trimEnd();
  expect(parseProcStat(`${whole} 1 2 3\n`)?.killPending).toBe(true);
  expect(parseProcStat(whole.split(" ").slice(0, SIGNAL).join(" "))?.killPending).toBe(true);
});

describe("a text that is cut short is nobody", () => {
  const whole = line("a b");
  const firstThatIsEnough = whole
    .split(" ")
    .slice(0, SIGNAL + 1)
    .join(" ").length;
  test.each([0, 1, 5, 6, 9, 10, 11, 12, 20, firstThatIsEnough - 2])("after %i characters", (length) => {
    expect(parseProcStat(whole.slice(0, length))).toBeNull();
  });

  test("and one character more is enough", () => {
    expect(parseProcStat(whole.slice(0, firstThatIsEnough))).not.toBeNull();
  });

  test.each([
    ["closed before opened", ") ("],
    ["no parentheses", "1 a S 1 1"],
  ])("%s", (_, text) => {
    expect(parseProcStat(text)).toBeNull();
  });
});

test("any comm comes back whole", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 64 }), (comm) => {
      expect(parseProcStat(line(comm))).toMatchObject({ comm, state: "S" });
    }),
  );
});

test("no text makes it throw", () => {
  const pieces = fc.array(fc.constantFrom("1", " ", "(", ")", "\n", "S", "x"), { maxLength: 90 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        pieces.map((all) => all.join("")),
      ),
      (text) => {
        parseProcStat(text);
      },
    ),
  );
});
