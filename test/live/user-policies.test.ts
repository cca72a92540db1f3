/** Modules of the user's, and evaluators, at real OOMs. */
import { chmodSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { PolicyScene } from "../support/policy-scene.ts";
import { replaysToItself } from "../support/replay.ts";
import { UnderOomSampler } from "../support/sampler.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();
const DELAY_MS = 500;
/** An OOM ends within the delay and a second; what is more is for the sampler's own lateness. */
const LONGEST_MS = DELAY_MS + 1_100;

describe.skipIf(reason !== null)(`policies of the user's (${reason ?? "live"})`, () => {
  let scene: PolicyScene;
  let memcgs: TestMemcgs;
  let elsewhere: TestMemcgs;
  let daemon: TestDaemon;

  beforeEach(() => {
    scene = new PolicyScene();
    ({ memcgs, daemon } = scene);
    elsewhere = new TestMemcgs();
  });

  afterEach(async () => {
    await scene.clean();
    await elsewhere.clean();
  });

  function module(code: string): string {
    const file = `${daemon.directory}/policy.mjs`;
    writeFileSync(file, code);
    chmodSync(file, 0o644);
    return file;
  }

  test("an evaluator: the BPF document's, which selects a given pid", async () => {
    const file = module(TARGET_PID);
    const target = await memcgs.hold("a", 40);
    await memcgs.hold("b", 60);
    await scene.guard(`{ name: ${file}, pid: ${target.pid} }`);
    memcgs.burst("hog");
    expect(await scene.victims()).toEqual([target.pid]);
    expect(await scene.decided()).toEqual(["target-pid"]);
    expect(await replaysToItself(daemon)).toBe(1);
  });

  test("an evaluator whose victim frees nothing: the built-in choice follows", async () => {
    const shared = await memcgs.odd("a", "shared", 100);
    let sharer = "";
    await until("it is shared", () => {
      sharer =
        memcgs
          .read("a", "cgroup.procs")
          .split("\n")
          .find((pid) => pid !== "" && pid !== `${shared.pid}`) ?? "";
      return sharer !== "";
    });
    elsewhere.write("", "cgroup.procs", sharer);
    const first = await memcgs.hold("b", 30);
    await scene.guard(`{ name: ${module(TARGET_PID)}, pid: ${shared.pid} }`);
    memcgs.burst("hog");
    expect(await scene.victims(2)).toEqual([shared.pid, first.pid]);
    expect(await scene.decided()).toEqual(["target-pid", "strict-priority"]);
    const [fault] = await daemon.event("fault");
    expect(fault).toMatchObject({ memcg: memcgs.top });
    expect(fault?.what).toMatch(/^policy target-pid is passed over: its victim, process \d+ \(.*\), freed no memory$/);
  });

  test("an evaluator whose victim's memory others take at once keeps its turn", async () => {
    const targets = [await memcgs.hold("hog", 30), await memcgs.hold("hog", 30)].map(({ pid }) => pid);
    await memcgs.hold("b", 20);
    await scene.guard(module(TARGET_PID.replace("task.pid === args.pid", `[${targets}].includes(task.pid)`)));
    for (let count = 0; count < 3; count++) memcgs.burst("hog");
    expect((await scene.victims(2)).slice(0, 2).sort()).toEqual(targets.sort());
    expect((await scene.decided()).slice(0, 2)).toEqual(["target-pid", "target-pid"]);
    expect(await daemon.eventsOf("fault")).toEqual([]);
  });

  test.each([
    ["throws", "throw new Error('no luck')", /it threw no luck/],
    ["answers nonsense", "return [{ kind: 'process', task: { pid: 1 } }]", /rankForKilling gave an object, no sibling/],
    [
      "takes too long",
      "for (const end = Date.now() + 400; Date.now() < end; ); return siblings",
      /it took \d+ ms, more than 250/,
    ],
    ["answers later", "return Promise.reject(new Error('later'))", /it gave a promise, and policies are synchronous/],
  ])("a module that %s is passed over, with the reason", async (_, body, why) => {
    const first = await memcgs.hold("b", 20);
    await scene.guard(module(ranking(body)));
    memcgs.burst("hog");
    expect(await scene.victims()).toEqual([first.pid]);
    expect(await scene.decided()).toEqual(["strict-priority"]);
    const faults = await daemon.event("fault");
    expect(faults.map(({ memcg, what }) => [memcg, what])).toEqual([[memcgs.top, expect.stringMatching(why)]]);
    expect(daemon.hasEnded).toBe(false);
  });

  test.each([
    [
      "takes too long",
      "for (const end = Date.now() + 400; Date.now() < end; );",
      /prerun failed: it took \d+ ms.*passed over until/,
      "strict-priority",
    ],
    ["fails later", "return Promise.reject(new Error('later'));", /prerun failed: it gave a promise/, "mine"],
  ])("one whose prerun %s is found out before there is an OOM", async (_, body, why, decider) => {
    await memcgs.hold("b", 20);
    await scene.guard(
      module(`${ranking("return [...siblings].reverse()").replace("name", `prerun() { ${body} }, name`)}`),
    );
    const [fault] = await daemon.event("fault");
    expect(fault?.what).toMatch(why);
    memcgs.burst("hog");
    await scene.victims();
    expect(await scene.decided()).toEqual([decider]);
    expect(await daemon.eventsOf("fault")).toHaveLength(1);
  });

  test("a module that never returns: the kernel's killer is back within the delay and a second", async () => {
    await scene.guard(module(ranking("while (true);")), `oom.delay_ms = ${DELAY_MS}`);
    const sampler = new UnderOomSampler(memcgs.directory());
    const hog = memcgs.burst("hog");
    await until("the kernel has killed", () => hog.signalCode === "SIGKILL");
    sampler.stop();
    expect(sampler.longestMs).toBeLessThan(LONGEST_MS);
    // It hears no other signal.
    daemon.signal("SIGKILL");
    await until("it is gone", () => daemon.child?.signalCode === "SIGKILL");
  });

  test("one that has left something for later that throws ends badnessd, and nothing stays held", async () => {
    await memcgs.hold("b", 20);
    await scene.guard(module(ranking("setTimeout(() => { throw new Error('for later'); }, 50); return siblings;")));
    memcgs.burst("hog");
    await until("it has ended", () => daemon.hasEnded);
    expect(daemon.child?.exitCode).toBe(1);
    expect(daemon.stderr).toMatch(/ended by Error: for later\n.*policy\.mjs/);
    expect(memcgs.oomControl("", "oom_kill_disable")).toBe(0);
  });

  test("a module that changes is loaded anew", async () => {
    await scene.guard(module(ranking("throw new Error('old')")));
    module(ranking("return siblings.filter(({ kind, memcg }) => kind === 'process' || memcg.path.endsWith('/a'))"));
    const [changed] = await daemon.event("config");
    expect(changed).toBeDefined();
    const chosen = await memcgs.hold("a", 20);
    await memcgs.hold("b", 20);
    memcgs.burst("hog");
    expect(await scene.victims()).toEqual([chosen.pid]);
    expect(await scene.decided()).toEqual(["mine"]);
  });
});

const TARGET_PID = `
export default {
  name: "target-pid",
  summary: "selects the process with a given pid",
  arguments: { pid: { type: "integer", from: 1, to: 4194304, default: 1, summary: "whom to select" } },
  evaluateTask: (task, { args }) => (task.pid === args.pid ? "select" : "next"),
};
`;

const ranking = (body: string) => `
export default {
  name: "mine",
  summary: "for a test",
  rankForKilling(siblings) { ${body} },
  describeKill: () => "mine",
};
`;
