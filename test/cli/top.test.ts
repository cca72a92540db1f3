import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { badnessctl, commandLine, run } from "../support/commands.ts";
import { PseudoTerminal, type PseudoTerminalOptions, whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { treeDirectory } from "../support/tree-fixtures.ts";

const reason = whyNoPseudoTerminal();
const at = temporaryDirectory();
const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
/** The terminal is as it was: the first screen, a cursor, lines that wrap, and one that is edited and echoed. */
const RESTORED = /␛\[\?7h␛\[\?25h␛\[\?1049l.* icanon .* echo /s;

beforeAll(() => {
  cpSync(`${treeDirectory("group")}/sys`, at("sys"), { recursive: true });
  writeFileSync(at("sys/cgroup.procs"), "");
});

const words = (...args: string[]) => ["top", ...args, "--cgroup-root", at("sys"), "--runtime-dir", at("run")];
const top = (...args: string[]) => quoted(commandLine("badnessctl", words(...args)));
/** With a shell beside it that tells afterwards what has become of the terminal. */
const watched = () => `trap : INT; sh -c 'echo "PID $$ ."; exec "$@"' sh ${top()}; code=$?; stty -a; exit $code`;

describe.skipIf(reason !== null)(`badnessctl top on a terminal (${reason ?? "script(1)"})`, () => {
  const open: PseudoTerminal[] = [];
  afterEach(() => {
    for (const terminal of open.splice(0)) terminal.close();
  });

  const on = (command: string, options?: PseudoTerminalOptions): PseudoTerminal => {
    const terminal = new PseudoTerminal(command, options);
    open.push(terminal);
    return terminal;
  };
  /** Started, and drawn. */
  const drawn = async (command: string, options?: PseudoTerminalOptions): Promise<PseudoTerminal> => {
    const terminal = on(command, options);
    await terminal.shows(/q quit/);
    return terminal;
  };

  test("draws the tree on 80×24, without a daemon too", async () => {
    const terminal = await drawn(`exec ${top("/jobs")}`);
    const screen = terminal.screen();
    expect(screen).toHaveLength(24);
    expect(screen[0]).toMatch(/^no badnessd: the settings are those of its files +by name {2}\d\d:\d\d:\d\d$/);
    expect(screen[1]).toMatch(/^Next to die in \/jobs: /);
    expect(screen.slice(3, 7).map((line) => line.slice(53))).toEqual(["/jobs", "  batch", "    x", "  web"]);
    expect(screen.slice(20)).toEqual([
      "RECENT KILLS",
      "  not known: they are told by badnessd, and none answers",
      "/jobs: badness 5000 (default), kill process, delay 10000 ms",
      expect.stringContaining("q quit"),
    ]);
  });

  test("keys move, fold, sort and help", async () => {
    const terminal = await drawn(`exec ${top("/jobs")}`);
    terminal.type("\x1b[Bh");
    await terminal.shows(/^>.*▸ batch \(1\)$/m);
    terminal.type("b?");
    await terminal.shows(/go to the next victim/);
    terminal.type("x\x1b[A");
    await terminal.shows(/by badness/);
    terminal.type("j\r");
    await terminal.shows(/^Next to die in \/jobs\/batch: /m);
    terminal.type("\x7f");
    await terminal.shows(/^>.* {2}batch$/m);
  });

  test.each<[how: string, end: (terminal: PseudoTerminal) => void, code: number]>([
    ["q", (terminal) => terminal.type("q"), 0],
    ["Ctrl-C", (terminal) => terminal.type("\x03"), 0],
    ["SIGINT", (terminal) => terminal.signal("SIGINT"), 130],
    ["SIGTERM", (terminal) => terminal.signal("SIGTERM"), 143],
    ["SIGHUP", (terminal) => terminal.signal("SIGHUP"), 129],
  ])("after %s the terminal is as it was", async (_, end, code) => {
    const terminal = await drawn(watched());
    end(terminal);
    expect(await terminal.ended()).toBe(code);
    expect(terminal.output).toMatch(RESTORED);
  });

  test("what goes wrong is said on a terminal that is as it was", async () => {
    const fault = "data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('gone%20wrong'))})";
    const terminal = await drawn(watched(), { env: { NODE_OPTIONS: `--import=${fault}` } });
    terminal.signal("SIGUSR2");
    expect(await terminal.ended()).toBe(1);
    expect(terminal.output).toMatch(RESTORED);
    expect(terminal.output).toMatch(/␛\[\?1049l.*Error: gone wrong/s);
  });

  test("a screen of another size is drawn anew", async () => {
    const terminal = await drawn(`exec ${top()}`);
    terminal.resize(40, 9);
    await terminal.shows(/BADNESS +% +HELD +MEMCG/);
    expect(terminal.screen()).toHaveLength(9);
    for (const line of terminal.screen()) expect(line.length).toBeLessThanOrEqual(40);
    terminal.resize(120, 30);
    await terminal.shows(/BADNESS {2}KILL/);
    await terminal.shows(/q quit/);
    expect(terminal.screen()).toHaveLength(30);
  });

  test("Ctrl-Z gives the shell its terminal, and fg takes it again", async () => {
    const terminal = on("exec env PS1='shell> ' bash --norc --noprofile -i");
    await terminal.writes(/shell> /);
    terminal.type(`${top()}\n`);
    await terminal.shows(/q quit/);
    const beforeStop = terminal.output.length;
    terminal.type("\x1a");
    await terminal.writes(/␛\[\?1049l.*Stopped.*shell> /s, beforeStop);
    terminal.type("stty -a\n");
    await terminal.writes(RESTORED, beforeStop);
    const beforeGo = terminal.output.length;
    terminal.type("fg\n");
    await terminal.writes(/q quit/, beforeGo);
    expect(terminal.output.slice(beforeGo)).toContain("␛[?1049h");
    terminal.type("\x1b[B");
    await terminal.shows(/^>.* {2}jobs$/m);
    terminal.type("q");
    await terminal.writes(/␛\[\?1049l.*shell> /s, beforeGo);
    terminal.type("exit\n");
    expect(await terminal.ended()).toBe(0);
  });

  test("Ctrl-Z where no shell could continue it stops nothing", async () => {
    const terminal = await drawn(`exec ${top()}`);
    const before = terminal.output.length;
    terminal.type("\x1a");
    await terminal.writes(/␛\[\?1049l.*␛\[\?1049h.*q quit/s, before);
    terminal.type("q");
    expect(await terminal.ended()).toBe(0);
  });

  test("memcgs come and go, the one that is looked at too", async () => {
    mkdirSync(at("sys/jobs/new/inside"), { recursive: true });
    const terminal = await drawn(`exec ${top("/jobs/new")}`);
    terminal.type("G");
    await terminal.shows(/^>.* {2}inside$/m);
    mkdirSync(at("sys/jobs/new/\x1b[2Jevil"));
    await terminal.shows(/ {2}\\x1b\[2Jevil$/m);
    rmSync(at("sys/jobs/new"), { recursive: true });
    await terminal.shows(/^>.* {2}\/jobs$/m);
    await terminal.shows(/^ .* {2}web$/m);
  });

  test.each([
    ["TERM is dumb", { TERM: "dumb" }, ""],
    ["TERM is not set", { TERM: "" }, ""],
    ["standard input is no terminal", {}, "< /dev/null"],
    ["standard output is no terminal", {}, "| cat"],
  ])("%s: it says so, and --once is what helps", async (why, env, redirection) => {
    const terminal = on(`set -o pipefail; ${top()} ${redirection}; code=$?; ${top("--once")} | head -n 1; exit $code`, {
      env: { ...env, SHELL: "/bin/bash" },
    });
    expect(await terminal.ended()).toBe(1);
    const [, said, once] = terminal.output.split("\r\n");
    expect(said).toBe(`badnessctl: cannot draw: ${why}; --once prints what there is to see now`);
    expect(once).toMatch(/^no badnessd: /);
  });
});

test("--once prints the whole tree, as wide as COLUMNS says", () => {
  const { code, stdout, stderr } = run(["env", "COLUMNS=60", ...commandLine("badnessctl", words("--once"))]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines.slice(3).map((line) => line.trim().split(/ {2,}/).at(-1))).toEqual([
    "/",
    "jobs",
    "batch",
    "x",
    "web",
    "RECENT KILLS",
    expect.stringMatching(/^not known/),
    "",
  ]);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(stdout).not.toContain("\x1b");
});

test("--json is one object, of what tree --json prints and more", () => {
  const tree = badnessctl("tree", "/jobs", "--json", "--cgroup-root", at("sys"), "--runtime-dir", at("run"));
  const { code, stdout } = badnessctl(...words("/jobs", "--json"));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    memcg: "/jobs",
    daemon: null,
    nextVictim: null,
    memcgs: tree.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    kills: [],
  });
});
