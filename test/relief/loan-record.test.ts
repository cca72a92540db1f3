import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { hasLoans, type Loan, readLoans, takeBackRecorded, writeLoans } from "../../src/relief/loan-record.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const WAS = 100_000;
const RAISED = 164_000;
const limitFile = () => at("mount/a/memory.limit_in_bytes");
const swapLimitFile = () => at("mount/a/memory.memsw.limit_in_bytes");

/** A memcg as far as its limits go, in files of as many digits as the values that are written into them. */
function memcg({ limit = RAISED, swapLimit = 9_000_000, usage = 50_000 } = {}): void {
  mkdirSync(at("mount/a"), { recursive: true });
  writeFileSync(limitFile(), `${limit}`);
  writeFileSync(swapLimitFile(), `${swapLimit}`);
  writeFileSync(at("mount/a/memory.usage_in_bytes"), `${usage}`);
}

const loanOf = (more: Partial<Loan> = {}): Loan => ({
  memcg: "/a",
  ino: statSync(at("mount/a"), { bigint: true }).ino,
  bytes: RAISED - WAS,
  limits: [{ file: "memory.limit_in_bytes", wasBytes: WAS, raisedBytes: RAISED }],
  ...more,
});
const record = (...loans: Loan[]) => writeLoans(at("run"), { mountPoint: at("mount"), loans });
const limit = () => Number(readFileSync(limitFile(), "utf8"));

beforeEach(() => {
  rmSync(at("mount"), { recursive: true, force: true });
  rmSync(at("run"), { recursive: true, force: true });
  mkdirSync(at("run"));
  memcg();
});

test("what is written is read again, and nothing on loan leaves no file", () => {
  expect([hasLoans(at("run")), readLoans(at("run"))]).toEqual([false, null]);
  const loan = loanOf({ memcg: "/a\udcff b", ino: 2n ** 63n });
  record(loan);
  expect(hasLoans(at("run"))).toBe(true);
  expect(readLoans(at("run"))).toEqual({ mountPoint: at("mount"), loans: [loan] });
  record();
  expect(existsSync(at("run/lent.json"))).toBe(false);
});

test("a broken file is an error that names it", () => {
  writeFileSync(at("run/lent.json"), "{");
  expect(() => readLoans(at("run"))).toThrow(/lent\.json is broken/);
});

test.each(["patiently", "at once"] as const)("taken back %s, and off the record", (how) => {
  record(loanOf());
  expect(takeBackRecorded(at("run"), how)).toEqual({ returned: [loanOf()], kept: [] });
  expect([limit(), hasLoans(at("run"))]).toEqual([WAS, false]);
});

test("at once, what the memcg uses is left to it, and on record", () => {
  memcg({ usage: WAS + 1 });
  record(loanOf());
  expect(takeBackRecorded(at("run"), "at once")).toEqual({ returned: [], kept: [{ loan: loanOf(), why: "EBUSY" }] });
  expect([limit(), readLoans(at("run"))?.loans]).toEqual([RAISED, [loanOf()]]);
});

test("a limit that somebody else has set since is theirs", () => {
  memcg({ limit: 777_777 });
  record(loanOf());
  expect(takeBackRecorded(at("run"), "patiently")).toEqual({ returned: [], kept: [] });
  expect([limit(), hasLoans(at("run"))]).toEqual([777_777, false]);
});

test("the limit of memory and swap is lowered too", () => {
  memcg({ swapLimit: RAISED });
  const swap = { file: "memory.memsw.limit_in_bytes", wasBytes: WAS, raisedBytes: RAISED } as const;
  record(loanOf({ limits: [...loanOf().limits, swap] }));
  takeBackRecorded(at("run"), "patiently");
  expect([limit(), Number(readFileSync(swapLimitFile(), "utf8"))]).toEqual([WAS, WAS]);
});

test("another memcg of this name is not touched; whoever starts next may know what became of the one", () => {
  const other = loanOf({ ino: 1n });
  record(other);
  expect(takeBackRecorded(at("run"), "patiently")).toEqual({ returned: [], kept: [] });
  expect([limit(), readLoans(at("run"))?.loans]).toEqual([RAISED, [other]]);
});

test("nothing on record is nothing to do", () => {
  expect(takeBackRecorded(at("run"), "at once")).toEqual({ returned: [], kept: [] });
});
