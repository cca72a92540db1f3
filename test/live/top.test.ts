import { mkdirSync, rmdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandLine } from "../support/commands.ts";
import { TestDaemon } from "../support/daemon.ts";
import { TestMemcgs, whyNotLive } from "../support/memcgs.ts";
import { PseudoTerminal, whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { until } from "../support/wait.ts";

const reason = whyNotLive() ?? whyNoPseudoTerminal();

describe.skipIf(reason !== null)(`badnessctl top on real memcgs (${reason ?? "live"})`, () => {
  let memcgs: TestMemcgs;
  let daemon: TestDaemon;
  let terminal: PseudoTerminal | null = null;

  beforeEach(() => {
    memcgs = new TestMemcgs(120);
    memcgs.make("batch", "web");
    daemon = new TestDaemon();
    daemon.configure([`oom.guard = ${memcgs.top}`], `memcgs:\n  ${memcgs.path("web")}: { badness: never }\n`);
  });

  afterEach(async () => {
    terminal?.close();
    await daemon.clean();
    await memcgs.clean();
  });

  const open = (env: NodeJS.ProcessEnv = {}): PseudoTerminal => {
    const words = commandLine("badnessctl", ["top", memcgs.top, "--runtime-dir", daemon.runtimeDir]);
    terminal = new PseudoTerminal(`exec ${words.join(" ")}`, { columns: 100, env });
    return terminal;
  };

  test("shows who is next, and the kill when it comes; the daemon may go and come back", async () => {
    const held = await memcgs.hold("batch", 20);
    await memcgs.hold("web", 20);
    await daemon.start();
    const screen = open();
    await screen.shows(
      new RegExp(`^Next to die in ${memcgs.top}: process ${held.pid} \\(node\\) of batch, badness 5000, `, "m"),
    );
    await screen.shows(/^badnessd \S+, 1 armed /m);
    await screen.shows(new RegExp(`^ ✗ .* batch ◀ ${held.pid} node$`, "m"));
    await screen.shows(/^ +never .* web$/m);
    await screen.shows(/^>→ .* 120 MiB +\d+% .* armed +\//m);
    const hog = memcgs.burst("batch");
    await until("the hog is dead", () => hog.signalCode === "SIGKILL");
    await screen.shows(
      new RegExp(`^ {2}\\S+ \\S+ {2}killed ${hog.pid} \\(sh\\), \\d+ MiB of ${memcgs.path("batch")}$`, "m"),
    );
    await daemon.stop();
    await screen.shows(/^badnessd is gone since \d\d:\d\d:\d\d: its last settings/m);
    // What it knew stands.
    expect(screen.screen().join("\n")).toMatch(/never .* web/);
    expect(screen.screen().join("\n")).toContain(`killed ${hog.pid} (sh)`);
    await daemon.start();
    await screen.shows(/^badnessd \S+, 1 armed /m);
    const again = memcgs.burst("batch");
    await until("the hog is dead", () => again.signalCode === "SIGKILL");
    await screen.shows(new RegExp(`killed ${hog.pid} [^]*killed ${again.pid} `));
  });

  test("tasks that wait for memory do not make it wait, and show", async () => {
    memcgs.write("", "memory.oom_control", "1");
    const hog = memcgs.burst("batch");
    await until("it waits", () => memcgs.oomControl("", "under_oom") === 1);
    const screen = open();
    await screen.shows(
      new RegExp(`^${memcgs.top} is OUT OF MEMORY, next to die: process ${hog.pid} \\(sh\\) of batch`, "m"),
    );
    await screen.shows(/^>→ .* (99|100)% .* OOM! +\//m);
    hog.kill("SIGKILL");
    await screen.shows(/nobody may be killed/);
    await screen.shows(/ armed +\//);
  });

  test("badness that is set shows at once, and where it comes from", async () => {
    const screen = open();
    await screen.shows(/^ {3} *5000 .* batch$/m);
    expect(daemon.ctl("set", memcgs.path("batch"), "123").code).toBe(0);
    await screen.shows(/^ {3} *123 .* batch$/m);
    screen.type("j");
    await screen.shows(/batch: badness 123 \(trusted\.oom_badness\), kill process/);
  });

  test("memcgs come and go by the hundred, with names that terminals obey", async () => {
    const screen = open();
    await screen.shows(/q quit/);
    screen.type("u");
    const names = Array.from({ length: 300 }, (_, index) => `${memcgs.directory("web")}/\x1b[2J\u202e${index}`);
    for (const name of names) mkdirSync(name);
    await screen.shows(/\\x1b\[2J\\u\{202e\}0$/m);
    // The last but one: `batch`, which holds nothing, is last by usage.
    screen.type("Gk");
    await screen.shows(/^>.*\\x1b\[2J\\u\{202e\}\d+$/m);
    for (const name of names) rmdirSync(name);
    await screen.shows(/^>.* (web|batch)$/m);
  });

  test.each([
    [{}, true],
    [{ NO_COLOR: "1" }, false],
  ])("with %j colours: %s", async (env, isRed) => {
    await memcgs.hold("batch", 5);
    const screen = open(env);
    await screen.shows(/✗/);
    expect(screen.output.includes("␛[31m")).toBe(isRed);
  });
});
