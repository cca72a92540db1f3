import { mkdirSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { writeEntries } from "../../src/badness/set-entry-file.ts";
import { processFacts } from "../../src/hierarchy/process-facts.ts";
import { readBootId } from "../../src/kernel/family.ts";
import { badnessctl } from "../support/commands.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const at = temporaryDirectory();
const { pid } = process;
const startTime = processFacts(pid)?.startTime ?? 0;
const entry = { pid, startTime, badness: 7, since: startTime, isCap: false, uid: 0, inheritedFrom: null };
const get = () => badnessctl("get", "--pid", `${pid}`, "--runtime-dir", at("run"));

beforeEach(() => mkdirSync(at("run"), { recursive: true }));

test("a process keeps its value while no daemon answers, and get says so", () => {
  writeEntries(at("run"), readBootId(), [entry]);
  expect(get()).toEqual({ code: 0, stdout: `process ${pid}: 7 (set --pid)\n`, stderr: "" });
});

test("what was set in another boot, or on another process of that pid, is nobody's", () => {
  writeEntries(at("run"), "another", [entry]);
  expect(get().stdout).toBe(`process ${pid}: 5000 (default)\n`);
  writeEntries(at("run"), readBootId(), [{ ...entry, startTime: startTime + 1 }]);
  expect(get().stdout).toBe(`process ${pid}: 5000 (default)\n`);
});

test("where the record is broken nobody can tell", () => {
  writeFileSync(at("run/processes.json"), "{");
  expect(get()).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^badnessctl: cannot tell .*\n$/) });
});
