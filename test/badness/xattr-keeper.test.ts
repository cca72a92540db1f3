import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { XattrKeeper } from "../../src/badness/xattr-keeper.ts";
import { MemcgTree } from "../../src/hierarchy/tree.ts";
import { AttributeWatcher } from "../../src/kernel/attribute-watcher.ts";
import { removeXattr, writeXattr } from "../../src/kernel/xattr.ts";
import { sleep, until } from "../support/wait.ts";

// Like cgroupfs and unlike some disks, tmpfs gives a new directory an inode number that no other has had.
const BASE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const NAME = "user.oom_badness";

let directory = "";
let tree: MemcgTree;
let keeper: XattrKeeper;
let changed: string[];
let ignored: string[];

function start(...names: string[]): void {
  for (const name of names) mkdirSync(`${directory}/${name}`, { recursive: true });
  tree = new MemcgTree(directory, true);
  keeper = new XattrKeeper({
    tree,
    onChange: (nodes) => changed.push(...nodes.map(({ path }) => path)),
    onIgnored: (memcg, what) => ignored.push(`${memcg} ${what}`),
  });
  keeper.start();
}

beforeEach(() => {
  directory = mkdtempSync(`${BASE}/badnessd-keeper-`);
  changed = [];
  ignored = [];
});
afterEach(() => {
  keeper.stop();
  tree.close();
  rmSync(directory, { recursive: true });
});

const set = (name: string, text: string) => writeXattr(`${directory}/${name}`, NAME, text);
const badnessOf = (path: string) => {
  const node = tree.find(path);
  return node === null ? null : keeper.of(node).user.badness?.value;
};
const settle = () => {
  keeper.take(tree.drain());
  return sleep(60);
};

const reason = (() => {
  try {
    writeXattr(BASE, "user.badnessd-test", "");
    removeXattr(BASE, "user.badnessd-test");
    return process.getuid?.() === 0 ? null : "only root may chown";
  } catch (error) {
    return (error as Error).message;
  }
})();

describe.skipIf(reason !== null)(`xattrs kept in mind (${reason ?? "live"})`, () => {
  test("what was set before is known at once, and is no news", () => {
    mkdirSync(`${directory}/a`);
    set("a", "7");
    start();
    expect([badnessOf("/a"), changed]).toEqual([7, []]);
  });

  test("set, changed and removed", async () => {
    start("a/b");
    for (const value of [1, 2, undefined]) {
      if (value === undefined) removeXattr(`${directory}/a/b`, NAME);
      else set("a/b", `${value}`);
      await until(`it is ${value}`, () => badnessOf("/a/b") === value, 1_000);
    }
    expect(changed).toEqual(["/a/b", "/a/b", "/a/b"]);
  });

  test("what was set on one that is new, at once and later", async () => {
    start("a");
    mkdirSync(`${directory}/a/new`);
    set("a/new", "3");
    await settle();
    expect(badnessOf("/a/new")).toBe(3);
    set("a/new", "4");
    await until("it is 4", () => badnessOf("/a/new") === 4, 1_000);
  });

  test("one that was renamed keeps what it has, and is heard from", async () => {
    start("a");
    set("a", "3");
    renameSync(`${directory}/a`, `${directory}/b`);
    await settle();
    expect([badnessOf("/a"), badnessOf("/b")]).toEqual([null, 3]);
    set("b", "4");
    await until("it is 4", () => badnessOf("/b") === 4, 1_000);
  });

  test("one made again under the same name has nothing of the one before", async () => {
    start("a");
    set("a", "3");
    await settle();
    rmdirSync(`${directory}/a`);
    mkdirSync(`${directory}/a`);
    await settle();
    expect(badnessOf("/a")).toBeUndefined();
  });

  test("another owner: what counts of it and of those below it is another matter", async () => {
    start("a/b/c");
    for (const name of ["a", "a/b", "a/b/c"]) set(name, "5");
    await settle();
    const counts = () => ["/a", "/a/b", "/a/b/c"].map((path) => badnessOf(path) === 5);
    expect(counts()).toEqual([true, true, true]);
    chownSync(`${directory}/a/b`, 65_534, 65_534);
    await until("b belongs to another", () => badnessOf("/a/b") === undefined, 1_000);
    chownSync(`${directory}/a/b/c`, 65_534, 65_534);
    await settle();
    expect(counts()).toEqual([true, false, true]);
    chownSync(`${directory}/a/b`, 65_533, 65_533);
    await until("c is what was passed on", () => badnessOf("/a/b/c") === undefined, 1_000);
  });

  test("a bad value is said once, whatever else is set, and the last good one is not kept", async () => {
    start("a");
    for (const value of ["7", "x", "8", "x", "9", "x"]) {
      set("a", value);
      await sleep(20);
    }
    expect(ignored).toEqual([`/a ${NAME} "x" is ignored: expected an integer 0..10000 or "never", got "x"`]);
    expect(badnessOf("/a")).toBeUndefined();
  });

  test("whoever sets thousands of bad values does not fill the log", async () => {
    start(...Array.from({ length: 200 }, (_, n) => `n${n}`));
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 200; n++) set(`n${n}`, `bad ${round}`);
      await sleep(5);
    }
    await settle();
    expect(ignored.length).toBeGreaterThan(0);
    expect(ignored.length).toBeLessThanOrEqual(50);
  });

  test("more changes than the kernel's queue holds: the last one counts", async () => {
    start("a", "b");
    for (let n = 0; n < 20_000; n++) {
      set("a", `${n % 100}`);
      set("b", `${n % 100}`);
    }
    set("a", "123");
    await until("both are known", () => badnessOf("/a") === 123 && badnessOf("/b") === 99, 2_000);
  });

  test("one that cannot be watched is read again once a second", async () => {
    start("a");
    const { watch } = AttributeWatcher.prototype;
    AttributeWatcher.prototype.watch = () => {
      throw new Error("ENOSPC");
    };
    try {
      mkdirSync(`${directory}/new`);
      await settle();
      set("new", "5");
      keeper.lookAgain();
      await until("it was read", () => badnessOf("/new") === 5, 1_000);
    } finally {
      AttributeWatcher.prototype.watch = watch;
    }
    keeper.lookAgain();
    await sleep(30);
    set("new", "6");
    await until("it is watched now", () => badnessOf("/new") === 6, 1_000);
  });

  test("nothing wakes us while nothing changes", async () => {
    start("a");
    set("a", "1");
    await until("it was read", () => badnessOf("/a") === 1, 1_000);
    await sleep(50);
    const before = process.cpuUsage();
    await sleep(300);
    expect(process.cpuUsage(before).user).toBeLessThan(60_000);
  });
});
