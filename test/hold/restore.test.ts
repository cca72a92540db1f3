import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ArmedRecord } from "../../src/hold/record.ts";
import { restore } from "../../src/hold/restore.ts";
import { statDirectory } from "../../src/kernel/read.ts";

let mountPoint = "";

beforeEach(() => {
  mountPoint = mkdtempSync(`${existsSync("/dev/shm") ? "/dev/shm" : tmpdir()}/badnessd-restore-`);
});
afterEach(() => rmSync(mountPoint, { recursive: true }));

/** What lies on a disk takes what is written as it is, so the files hold the number alone, as the kernel is told it. */
const ON = "oom_kill_disable 1\nunder_oom 0\n";
const OFF = "oom_kill_disable 0\nunder_oom 0\n";

/** Memcgs by path, those with oom_kill_disable 1 marked: `/a!`. */
function make(...memcgs: readonly string[]): void {
  for (const marked of memcgs) {
    const directory = mountPoint + marked.replace("!", "");
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/memory.oom_control`, marked.endsWith("!") ? ON : OFF);
  }
}

const inodeOf = (memcg: string): bigint => statDirectory(mountPoint + memcg)?.ino ?? 0n;

/** Armed by us, those that were disabled before we came marked: `/a!`; foreign ones by path. */
function recordOf(armed: readonly string[], foreign: readonly string[] = []): ArmedRecord {
  return {
    mountPoint,
    armed: armed.map((marked) => {
      const memcg = marked.replace("!", "");
      return { memcg, ino: inodeOf(memcg), was: marked.endsWith("!") };
    }),
    foreign: new Set(foreign.map(inodeOf)),
  };
}

/** A plain file keeps the rest of its text; its first character is what was written. */
const written = (memcg: string) =>
  /^[01]/.exec(readFileSync(`${mountPoint}${memcg}/memory.oom_control`, "utf8"))?.[0] ?? "-";

test.each([
  ["one", ["/a!"], ["/a"], [], { "/a": "0" }],
  ["several", ["/a!", "/b!", "/c"], ["/a", "/b"], [], { "/a": "0", "/b": "0", "/c": "-" }],
  ["one that was disabled before we came", ["/a!"], ["/a!"], [], { "/a": "-" }],
  ["one that was, and that somebody has enabled since", ["/a"], ["/a!"], [], { "/a": "1" }],
  ["one that is enabled already", ["/a"], ["/a"], [], { "/a": "-" }],
  [
    "those born armed below",
    ["/a!", "/a/x!", "/a/x/y!", "/a/z"],
    ["/a"],
    [],
    { "/a": "0", "/a/x": "0", "/a/x/y": "0", "/a/z": "-" },
  ],
  ["none beside", ["/a!", "/b!", "/ab!"], ["/a"], [], { "/a": "0", "/b": "-", "/ab": "-" }],
  ["none above", ["/a!", "/a/x!"], ["/a/x"], [], { "/a": "-", "/a/x": "0" }],
  ["what somebody else held below stays", ["/a!", "/a/x!"], ["/a"], ["/a/x"], { "/a": "0", "/a/x": "-" }],
  ["below a foreign one too", ["/a!", "/a/x!", "/a/x/y!"], ["/a"], ["/a/x"], { "/a": "0", "/a/x": "-", "/a/x/y": "0" }],
  [
    "an armed one below an armed one",
    ["/a!", "/a/x!", "/a/x/y!"],
    ["/a", "/a/x"],
    [],
    { "/a": "0", "/a/x": "0", "/a/x/y": "0" },
  ],
  [
    "those born armed below one of ours that lies below one that was disabled before",
    ["/a!", "/a/x!", "/a/x/y!"],
    ["/a!", "/a/x"],
    [],
    { "/a": "-", "/a/x": "0", "/a/x/y": "0" },
  ],
  [
    "below one that was disabled before, what is not ours stays",
    ["/a!", "/a/x!"],
    ["/a!"],
    [],
    { "/a": "-", "/a/x": "-" },
  ],
  ["strange names", ["/a b!", "/*!", "/$(reboot)!"], ["/a b", "/*"], [], { "/a b": "0", "/*": "0", "/$(reboot)": "-" }],
  ["nothing", ["/a!"], [], [], { "/a": "-" }],
] as const)("gives back %s", (_, memcgs, armed, foreign, expected) => {
  make(...memcgs);
  const { restored, failed } = restore(recordOf(armed, foreign), "after a death");
  expect(Object.fromEntries(Object.keys(expected).map((memcg) => [memcg, written(memcg)]))).toEqual(expected);
  expect(failed).toEqual([]);
  expect(restored.sort()).toEqual(
    Object.entries(expected)
      .filter(([, to]) => to !== "-")
      .map(([memcg]) => memcg)
      .sort(),
  );
});

test.each([
  ["after a death", "0"],
  ["at a stop", "-"],
] as const)("%s, one that was disabled before and in which somebody waits: %s", (occasion, expected) => {
  make("/a!", "/b!");
  writeFileSync(`${mountPoint}/a/memory.oom_control`, ON.replace("under_oom 0", "under_oom 1"));
  restore(recordOf(["/a!", "/b!"]), occasion);
  expect([written("/a"), written("/b")]).toEqual([expected, "-"]);
});

test("one that is gone is no failure", () => {
  make("/a!", "/b!");
  const record = recordOf(["/a", "/b"]);
  rmSync(`${mountPoint}/a`, { recursive: true });
  expect(restore(record, "after a death")).toEqual({ restored: ["/b"], failed: [] });
});

test("another one under the same name is left alone, with all below it", () => {
  make("/a!");
  const record = recordOf(["/a"]);
  mkdirSync(`${mountPoint}/kept`);
  rmSync(`${mountPoint}/a`, { recursive: true });
  make("/a!", "/a/x!");
  expect(restore(record, "after a death")).toEqual({ restored: [], failed: [] });
  expect([written("/a"), written("/a/x")]).toEqual(["-", "-"]);
});

test("one that cannot be written is told, and the others are given back", () => {
  make("/a!", "/b!");
  const record = recordOf(["/a", "/b"]);
  rmSync(`${mountPoint}/a/memory.oom_control`);
  mkdirSync(`${mountPoint}/a/memory.oom_control`);
  expect(restore(record, "after a death")).toEqual({ restored: ["/b"], failed: ["/a: EISDIR"] });
});

test("a mount point that is gone is no failure", () => {
  const record = { ...recordOf([]), mountPoint: `${mountPoint}/gone`, armed: [{ memcg: "/a", ino: 1n, was: false }] };
  expect(restore(record, "after a death")).toEqual({ restored: [], failed: [] });
});
