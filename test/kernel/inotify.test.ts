import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DirectoryWatcher } from "../../src/kernel/inotify.ts";
import { toBytes } from "../../src/kernel/path.ts";

const BASE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

let directory = "";
let watcher: DirectoryWatcher;
let watch: number | null;

beforeEach(() => {
  directory = mkdtempSync(`${BASE}/badnessd-inotify-`);
  mkdirSync(`${directory}/there`);
  writeFileSync(`${directory}/file`, "");
  watcher = new DirectoryWatcher();
  watch = watcher.watch(directory);
});
afterEach(() => {
  watcher.close();
  rmSync(directory, { recursive: true });
});

const at = (name: string) => toBytes(`${directory}/${name}`);

test.each([
  ["nothing", () => {}, []],
  ["mkdir", () => mkdirSync(at("a")), ["appeared a"]],
  ["rmdir", () => rmdirSync(at("there")), ["vanished there"]],
  ["rename", () => renameSync(at("there"), at("b")), ["vanished there", "appeared b"]],
  ["chmod, as setting an xattr is", () => chmodSync(at("there"), 0o700), []],
  [
    "a file that is made, changed and removed",
    () => {
      writeFileSync(at("f"), "x");
      chmodSync(at("f"), 0o600);
      rmSync(at("f"));
    },
    [],
  ],
  ["chmod of a file", () => chmodSync(at("file"), 0o600), []],
  ["chmod of the directory itself", () => chmodSync(directory, 0o700), []],
  ["something deeper", () => mkdirSync(at("there/deep")), []],
  ["moved away from the directory", () => renameSync(at("there"), `${directory}-moved`), ["vanished there"]],
  [
    "the same name again and again",
    () => {
      for (let n = 0; n < 3; n++) {
        rmdirSync(at("there"));
        mkdirSync(at("there"));
      }
    },
    ["vanished there", "appeared there", "vanished there", "appeared there", "vanished there", "appeared there"],
  ],
  ["a name with blanks and a line end", () => mkdirSync(at(" a\nb ")), ["appeared  a\nb "]],
  ["a name that is no UTF-8", () => mkdirSync(at("caf\udce9\udcff")), ["appeared caf\udce9\udcff"]],
  ["a name as long as names get", () => mkdirSync(at("x".repeat(255))), [`appeared ${"x".repeat(255)}`]],
  [
    "names of every length up to 16",
    () => {
      for (let length = 1; length <= 16; length++) mkdirSync(at("y".repeat(length)));
    },
    Array.from({ length: 16 }, (_, index) => `appeared ${"y".repeat(index + 1)}`),
  ],
] as const)("%s", (_, act, expected) => {
  act();
  const events = watcher.drain();
  if (events === "overflow") throw new Error("the queue overflowed");
  expect(events.map(({ kind, name }) => `${kind} ${name}`)).toEqual(expected);
  expect(events.every((event) => event.watch === watch)).toBe(true);
  expect(watcher.drain()).toEqual([]);
  rmSync(`${directory}-moved`, { recursive: true, force: true });
});

test("more events than one read takes come in their order", () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `${index}-`.padEnd(40, "z"));
  for (const name of names) mkdirSync(at(name));
  const events = watcher.drain();
  expect(events === "overflow" ? events : events.map(({ name }) => name)).toEqual(names);
});

test("each directory has its own number, and the same directory the same", () => {
  const there = watcher.watch(`${directory}/there`);
  expect(there).not.toBe(watch);
  expect(watcher.watch(`${directory}/there`)).toBe(there);
  mkdirSync(at("there/x"));
  expect(watcher.drain()).toEqual([{ kind: "appeared", watch: there, name: "x" }]);
});

test("after unwatch nothing is heard, and the directory itself may vanish", () => {
  const there = watcher.watch(`${directory}/there`) ?? -1;
  mkdirSync(at("there/x"));
  watcher.unwatch(there);
  mkdirSync(at("there/y"));
  const events = watcher.drain();
  expect(events === "overflow" ? events : events.map(({ name }) => name)).toEqual(["x"]);
  rmSync(at("there"), { recursive: true });
  expect(watcher.drain()).toEqual([{ kind: "vanished", watch, name: "there" }]);
  watcher.unwatch(there);
});

test.each([
  ["gone", "missing"],
  ["a file", "file"],
  ["below a file", "file/x"],
])("what is no directory any more is not watched: %s", (_, name) => {
  expect(watcher.watch(`${directory}/${name}`)).toBeNull();
});

test("a directory whose name is no UTF-8 is watched", () => {
  mkdirSync(at("\udcff"));
  const odd = watcher.watch(`${directory}/\udcff`);
  watcher.drain();
  mkdirSync(at("\udcff/x"));
  expect(watcher.drain()).toEqual([{ kind: "appeared", watch: odd, name: "x" }]);
});
