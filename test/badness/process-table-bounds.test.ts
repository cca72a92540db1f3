import { beforeEach, expect, test } from "vitest";
import { ProcessTable } from "../../src/badness/process-table.ts";
import { PlainFamily } from "../support/family.ts";

let family: PlainFamily;
let table: ProcessTable;

beforeEach(() => {
  family = new PlainFamily();
  table = new ProcessTable(family);
});

const common = { badness: 1, isCap: false, inheritedFrom: null };

function fill(uid: number, from: number, count: number): void {
  for (let pid = from; pid < from + count; pid++) table.put({ ...common, pid, startTime: pid, since: pid, uid });
}

test("a user has 1,000; root and other users have room still", () => {
  fill(1000, 10, 1000);
  expect(table.hasRoom(1000, { pid: 5000, isRoot: false })).toBe(false);
  expect(table.hasRoom(1000, { pid: 10, isRoot: false })).toBe(true);
  expect(table.hasRoom(1001, { pid: 5000, isRoot: false })).toBe(true);
  expect(table.hasRoom(1000, { pid: 5000, isRoot: true })).toBe(true);
  table.drop(10);
  expect(table.hasRoom(1000, { pid: 5000, isRoot: false })).toBe(true);
});

test("the last 2,000 of 10,000 are for what root says", () => {
  fill(0, 10, 8000);
  expect(table.hasRoom(1000, { pid: 20_000, isRoot: false })).toBe(false);
  fill(0, 8010, 2000);
  expect(table.hasRoom(0, { pid: 20_000, isRoot: true })).toBe(false);
});

test("a user's forks are entered up to that, and looked up beyond", () => {
  const top = family.fork(7, 1, 10);
  table.put({ ...common, pid: 7, startTime: 10, since: 10, uid: 1000 });
  for (let pid = 10; pid < 1500; pid++) family.fork(pid, 7, pid);
  expect(table.adopt(top)).toBe(999);
  expect([10, 1499].map((pid) => table.get(pid, pid, 7)?.value)).toEqual([1, 1]);
});

test("who has more children than anybody looks at does not make others wait", () => {
  const top = family.fork(7, 1, 10);
  table.put({ ...common, pid: 7, startTime: 10, since: 20_000, uid: 0 });
  for (let pid = 10; pid < 9000; pid++) family.fork(pid, 7, pid);
  let looks = 0;
  const counting = new ProcessTable({
    relative: (pid) => {
      looks += 1;
      return family.relative(pid);
    },
    children: (pid) => family.children(pid),
  });
  counting.put({ ...common, pid: 7, startTime: 10, since: 20_000, uid: 0 });
  counting.adopt(top);
  expect(looks).toBeLessThanOrEqual(2_000);
});
