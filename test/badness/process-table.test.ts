import { beforeEach, describe, expect, test } from "vitest";
import { ProcessTable, type Relative } from "../../src/badness/process-table.ts";
import type { SetEntry } from "../../src/badness/set-entry.ts";
import { PlainFamily } from "../support/family.ts";

let family: PlainFamily;
let table: ProcessTable;

beforeEach(() => {
  family = new PlainFamily();
  family.fork(1, 0, 0);
  table = new ProcessTable(family);
});

function set({ pid, startTime, ppid }: Relative, badness: number | null, since: number, more: Partial<SetEntry> = {}) {
  table.set({ pid, startTime, badness, since, isCap: false, uid: 0, inheritedFrom: null, ...more }, ppid);
}

const badnessOf = (pid: number): number | undefined => {
  const { startTime, ppid } = family.get(pid);
  return table.get(pid, startTime, ppid)?.value;
};
const sourceOf = (pid: number): string | undefined => {
  const { startTime, ppid } = family.get(pid);
  return table.get(pid, startTime, ppid)?.source;
};

test("an empty table reads nothing", () => {
  const unread = () => {
    throw new Error("read without need");
  };
  expect(new ProcessTable({ relative: unread, children: unread }).get(7, 1, 1)).toBeUndefined();
});

describe("a value", () => {
  test("is that of a pid and a start time", () => {
    set(family.fork(7, 1, 10), 100, 20);
    expect([badnessOf(7), sourceOf(7)]).toEqual([100, "set --pid"]);
    family.fork(7, 1, 30);
    expect(badnessOf(7)).toBeUndefined();
  });

  test("is replaced, and taken away", () => {
    const process = family.fork(7, 1, 10);
    set(process, 100, 20);
    set(process, 200, 30);
    expect(badnessOf(7)).toBe(200);
    set(process, null, 40);
    expect(badnessOf(7)).toBeUndefined();
    expect(table.size).toBe(0);
  });

  test("that is taken away leaves none, though the parent has one", () => {
    set(family.fork(7, 1, 10), 100, 10);
    const child = family.fork(8, 7, 20);
    set(child, null, 30);
    family.fork(9, 8, 40);
    expect([badnessOf(7), badnessOf(8), badnessOf(9)]).toEqual([100, undefined, undefined]);
  });
});

describe("a child", () => {
  test.each<[string, number, number | undefined]>([
    ["born long before has nothing", 10, undefined],
    ["born just before has nothing", 49, undefined],
    ["born in the same hundredth of a second inherits", 50, 100],
    ["born afterwards inherits", 51, 100],
  ])("%s", (_, born, badness) => {
    const parent = family.fork(7, 1, 5);
    family.fork(8, 7, born);
    set(parent, 100, 50);
    expect(badnessOf(8)).toBe(badness);
  });

  test("says whom it inherits from, generations later too", () => {
    set(family.fork(7, 1, 10), 100, 10);
    family.fork(8, 7, 20);
    family.fork(9, 8, 30);
    expect([8, 9].map(sourceOf)).toEqual(["set --pid, inherited from 7", "set --pid, inherited from 7"]);
  });

  test("has the nearest ancestor's", () => {
    set(family.fork(7, 1, 10), 100, 10);
    set(family.fork(8, 7, 20), 200, 20);
    family.fork(9, 8, 30);
    expect(badnessOf(9)).toBe(200);
  });

  test("of one who was there before inherits nothing, however young it is", () => {
    const parent = family.fork(7, 1, 10);
    family.fork(8, 7, 20);
    set(parent, 100, 30);
    family.fork(9, 8, 40);
    expect(badnessOf(9)).toBeUndefined();
  });

  test("is not its parent's successor's: the pid is another's by then", () => {
    const former = family.fork(7, 1, 10);
    set(former, 100, 10);
    family.fork(8, 7, 20);
    family.fork(7, 1, 30);
    expect(badnessOf(8)).toBeUndefined();
  });

  test("keeps what it has when its parent gets another value, once it is entered", () => {
    const parent = family.fork(7, 1, 10);
    set(parent, 100, 10);
    family.fork(8, 7, 20);
    table.adopt(parent);
    set(parent, 200, 30);
    family.fork(9, 7, 40);
    expect([badnessOf(8), badnessOf(9)]).toEqual([100, 200]);
  });

  test("of a chain without an end is looked up for a while, and given up", () => {
    set(family.fork(2, 1, 1), 100, 1);
    for (let pid = 3; pid < 300; pid++) family.fork(pid, pid - 1, pid);
    expect([badnessOf(60), badnessOf(299)]).toEqual([100, undefined]);
  });

  test("of a loop, which no kernel has, ends nothing but the search", () => {
    set(family.fork(2, 1, 1), 100, 1);
    family.fork(8, 9, 5);
    family.fork(9, 8, 5);
    expect(badnessOf(8)).toBeUndefined();
  });

  test("inherits whether root had a hand in it", () => {
    set(family.fork(7, 1, 10), 100, 10, { isCap: true, uid: 1000 });
    family.fork(8, 7, 20);
    expect(table.get(8, 20, 7)).toMatchObject({ value: 100, isCap: true });
  });
});

describe("adopted: children are looked up and entered", () => {
  test("so that they keep what they have as orphans", () => {
    const top = family.fork(7, 1, 10);
    set(top, 100, 10);
    family.fork(8, 7, 20);
    family.fork(9, 8, 30);
    expect(table.adopt(top)).toBe(2);
    family.end(7);
    family.end(8);
    expect([badnessOf(9), sourceOf(9)]).toEqual([100, "set --pid, inherited from 7"]);
    expect(table.adopt(family.get(9))).toBe(0);
  });

  test("those who were there before are not, nor theirs", () => {
    const top = family.fork(7, 1, 10);
    family.fork(8, 7, 20);
    set(top, 100, 30);
    family.fork(9, 8, 40);
    expect(table.adopt(top)).toBe(0);
  });

  test("from one that inherits itself", () => {
    set(family.fork(7, 1, 10), 100, 10);
    const child = family.fork(8, 7, 20);
    family.fork(9, 8, 30);
    table.adopt(child);
    family.end(7);
    family.end(8);
    expect([badnessOf(9), sourceOf(9)]).toEqual([100, "set --pid, inherited from 7"]);
  });
});

describe("born: the kernel's list", () => {
  test("enters who is an orphan by the time it is read", () => {
    set(family.fork(7, 1, 10), 100, 10);
    family.fork(9, 1, 30);
    table.takeIn([
      { parent: 7, child: 8 },
      { parent: 8, child: 9 },
    ]);
    expect([badnessOf(9), sourceOf(9)]).toEqual([100, "set --pid, inherited from 7"]);
    expect(table.size).toBe(2);
  });

  test("leaves strangers out", () => {
    set(family.fork(7, 1, 10), 100, 10);
    family.fork(9, 1, 30);
    expect(table.takeIn([{ parent: 1, child: 9 }])).toBe(0);
    expect(table.size).toBe(1);
  });

  test("knows that a pid is another's by then", () => {
    set(family.fork(7, 1, 10), 100, 10);
    family.fork(7, 1, 20);
    family.fork(8, 7, 30);
    table.takeIn([
      { parent: 1, child: 7 },
      { parent: 7, child: 8 },
    ]);
    expect(table.size).toBe(0);
  });

  test("takes a pid that comes again within one reading for its last owner", () => {
    set(family.fork(7, 1, 10), 100, 10);
    family.fork(8, 1, 40);
    table.takeIn([
      { parent: 7, child: 8 },
      { parent: 1, child: 8 },
    ]);
    expect(badnessOf(8)).toBeUndefined();
  });

  test("changes nothing for whoever was set meanwhile", () => {
    set(family.fork(7, 1, 10), 100, 10);
    set(family.fork(8, 7, 20), 50, 30);
    table.takeIn([{ parent: 7, child: 8 }]);
    expect(badnessOf(8)).toBe(50);
  });
});
