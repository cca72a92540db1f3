import { spawn } from "node:child_process";
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { badnessctl, commandLine } from "../support/commands.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive();
const at = temporaryDirectory();

describe.skipIf(reason !== null)(`badnessctl on real memcgs (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;

  beforeEach(() => {
    memcgs = new TestMemcgs(200);
    memcgs.make("a b", "c/d");
  });
  afterEach(() => memcgs.clean());

  const lines = (...args: string[]) => {
    const { code, stdout, stderr } = badnessctl(...args, "--json", "--runtime-dir", at("run"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as Record<string, unknown>);
  };

  test("tree, explain and snapshot agree, and the snapshot replays", async () => {
    const large = await memcgs.hold("c/d", 30);
    await memcgs.hold("a b", 5);
    const victim = { kind: "process", pid: large.pid, memcg: memcgs.path("c/d") };
    const tree = lines("tree", memcgs.top);
    expect(tree.map(({ memcg }) => memcg)).toEqual(["", "a b", "c", "c/d"].map((name) => memcgs.path(name)));
    expect(tree.map(({ nextVictim }) => nextVictim)).toEqual([
      null,
      null,
      null,
      expect.stringMatching(`^process ${large.pid} `),
    ]);
    expect(tree[0]).toMatchObject({ limitBytes: 200 * 2 ** 20, armed: false, underOom: false });
    expect(lines("explain", memcgs.top)[0]?.["victim"]).toEqual(victim);
    writeFileSync(at("snapshot.yaml"), badnessctl("snapshot", memcgs.top, "--runtime-dir", at("run")).stdout);
    expect(lines("explain", "--snapshot", at("snapshot.yaml"))[0]?.["victim"]).toEqual(victim);
  });

  test.each([
    ["in words", [], (_: string): unknown => "mem_cgroup oom event received"],
    [
      "as JSON",
      ["--json"],
      (file: string): unknown => ({ time: expect.any(String), type: "notification", oomControl: file }),
    ],
  ] as const)("notify prints a line for a notification, %s", async (_, options, expected) => {
    const files = ["cgroup.event_control", "memory.oom_control"].map((name) => `${memcgs.directory("a b")}/${name}`);
    const [program = "", ...args] = commandLine("badnessctl", ["notify", ...options, ...files]);
    memcgs.limit("a b", 20);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    let hog = memcgs.grow("a b");
    await until("a line", (): boolean => {
      // As long as it does not listen yet nobody hears, and the kernel has another one to kill.
      if (text === "" && hog.signalCode !== null) hog = memcgs.grow("a b");
      return text.includes("\n");
    });
    const line = text.split("\n")[0] ?? "";
    expect(options.length > 0 ? JSON.parse(line) : line).toEqual(expected(files[1] ?? ""));
    child.kill();
  });

  test("a memcg that somebody else has armed shows as armed, and stays so", () => {
    memcgs.write("c", "memory.oom_control", "1");
    expect(lines("tree", memcgs.path("c")).map(({ armed }) => armed)).toEqual([true, false]);
    expect(memcgs.oomControl("c", "oom_kill_disable")).toBe(1);
  });

  test("a name that is no UTF-8 is shown without harm, and in JSON whole", () => {
    const odd = Buffer.concat([Buffer.from(`${memcgs.directory("c")}/\x1b[31m`), Buffer.of(0xff)]);
    mkdirSync(odd);
    const { stdout } = badnessctl("tree", memcgs.path("c"), "--runtime-dir", at("run"));
    expect(stdout).toContain("\\x1b[31m\\xff");
    expect(stdout).not.toContain("\x1b");
    expect(lines("tree", memcgs.path("c")).at(1)?.["memcg"]).toBe(`${memcgs.path("c")}/\x1b[31m\udcff`);
    const named = `${memcgs.path("c")}/\\x1b[31m\\xff`;
    for (const command of ["tree", "snapshot", "get", "stats"]) {
      expect(badnessctl(command, named, "--runtime-dir", at("run"))).toMatchObject({ code: 0, stderr: "" });
    }
    expect(lines("set", named, "7")[0]).toMatchObject({ memcg: `${memcgs.path("c")}/\x1b[31m\udcff`, badness: 7 });
    rmdirSync(odd);
  });

  test.each([
    [
      "memory.oom_control of another memcg",
      "cgroup.event_control",
      "c/memory.oom_control",
      "cannot register with FILE: EINVAL",
    ],
    ["a file that has no events", "cgroup.event_control", "memory.stat", "cannot register with FILE: EINVAL"],
    ["the two in the wrong order", "memory.oom_control", "cgroup.event_control", "FILE is no cgroup.event_control"],
  ])("notify refuses %s", (_, eventControl, oomControl, why) => {
    const file = `${memcgs.directory()}/${eventControl}`;
    const ended = badnessctl("notify", file, `${memcgs.directory()}/${oomControl}`);
    expect(ended).toEqual({ code: 1, stdout: "", stderr: `badnessctl: ${why.replace("FILE", file)}\n` });
  });
});
