import { mkdirSync, rmdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { replaysToItself } from "../support/replay.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();

describe.skipIf(reason !== null)(`wide, deep and restless trees (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    memcgs = new TestMemcgs(40);
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`]);
  });

  afterEach(async () => {
    await daemon.clean();
    await memcgs.clean();
  });

  test("1,000 children: the one with the large process is found", async () => {
    memcgs.make(...Array.from({ length: 1_000 }, (_, index) => `m${index}`));
    await daemon.start();
    for (const name of ["m0", "m500", "m999"]) memcgs.spawn(name, "sleep", "1000");
    const hog = memcgs.burst("m777");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    const [kill] = await daemon.event("kill");
    expect(kill?.victims.map(({ pid }) => pid)).toEqual([hog.pid]);
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("200 levels", async () => {
    const name = Array.from({ length: 200 }, () => "l").join("/");
    memcgs.make(name);
    await daemon.start();
    memcgs.spawn("l/l/l", "sleep", "1000");
    const hog = memcgs.burst(name);
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    await daemon.event("relieved");
    await replaysToItself(daemon);
    expect(memcgs.kernelKills()).toBe(0);
  });

  test("memcgs come and go while OOMs are handled", async () => {
    // Making a memcg takes memory of its parent: that one must not be full.
    memcgs.limit("", 1_000);
    memcgs.make("hogs", "restless");
    memcgs.limit("hogs", 30);
    daemon.configure([`oom.guard = ${memcgs.path("hogs")} ${memcgs.path("restless/*")}`]);
    await daemon.start();
    let isOver = false;
    const restless = churn(memcgs.directory("restless"), () => isOver);
    for (let round = 0; round < 15; round++) {
      const hog = memcgs.burst("hogs");
      await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    }
    isOver = true;
    expect(await restless).toBeGreaterThan(100);
    expect(await daemon.eventsOf("fault")).toEqual([]);
    expect((await daemon.event("kill")).flatMap(({ victims }) => victims).length).toBe(15);
    expect(memcgs.kernelKills()).toBe(0);
    await until("all are forgotten", async () => (await daemon.status()).armed.length === 1);
  });

  test("names with blanks, quotes, globs and line noise", async () => {
    const names = ["a b", "it's", '"q"', "$(x)", "*", "[a]", "ü", "\\", "-n", ":", "#"];
    memcgs.make(...names);
    daemon.configure([`oom.guard = ${memcgs.path("*")}`]);
    await daemon.start();
    expect((await daemon.status()).armed.map(({ memcg }) => memcg).sort()).toEqual(
      names.map((name) => memcgs.path(name)).sort(),
    );
    for (const name of names) {
      memcgs.limit(name, 20);
      const hog = memcgs.burst(name);
      await until(`the hog in ${name} is dead`, () => hog.signalCode === "SIGKILL");
    }
    const kills = await daemon.event("kill", names.length);
    expect(kills.map(({ memcg }) => memcg)).toEqual(names.map((name) => memcgs.path(name)));
    await replaysToItself(daemon);
  });
});

/** Makes and removes memcgs until told to stop; how many. */
async function churn(directory: string, isOver: () => boolean): Promise<number> {
  let count = 0;
  while (!isOver()) {
    for (let index = 0; index < 5; index++) mkdirSync(`${directory}/c${index}`);
    for (let index = 0; index < 5; index++) rmdirSync(`${directory}/c${index}`);
    count += 5;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return count;
}
