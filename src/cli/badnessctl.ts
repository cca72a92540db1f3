/** badnessctl: its commands, their options, and what goes wrong as one line and an exit code. */
import { Command, CommanderError } from "commander";
import { version } from "../config/version.ts";
import { NoDaemon } from "../control/client.ts";
import { printableLines } from "../report/printable.ts";
import { CommandFailed, type CommonOptions, Context } from "./context.ts";
import { events } from "./events.ts";
import { exec } from "./exec.ts";
import { explain, explainFiles } from "./explain.ts";
import { getMemcg } from "./get-memcg.ts";
import { killAll, parseTimeout } from "./kill-all.ts";
import { listen } from "./listen.ts";
import { notify } from "./notify.ts";
import { policies } from "./policies.ts";
import { getProcess, setProcess } from "./process-badness.ts";
import { restore } from "./restore.ts";
import { setMemcg } from "./set-memcg.ts";
import { snapshot } from "./snapshot.ts";
import { stats } from "./stats.ts";
import { status } from "./status.ts";
import { sysctl } from "./sysctl.ts";
import { top } from "./top.ts";
import { tree } from "./tree.ts";

/** Runs one command and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has said what is wrong, or has printed help or the version, which it throws with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof Error)) throw error;
  console.error(`badnessctl: ${printableLines(error.message)}`);
  if (error instanceof CommandFailed) return error.exitCode;
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof NoDaemon) && process.env["BADNESSD_DEBUG"]) console.error(error);
  return code === "EACCES" || code === "EPERM" ? 77 : 1;
}

function program(): Command {
  const all = withCommon(new Command("badnessctl"))
    .description("Talks to badnessd and reads what it reads: lower badness dies first.")
    .version(version())
    // So that `exec` takes no option from behind its command.
    .enablePositionalOptions()
    .exitOverride();
  const add = (name: string, description: string) => withCommon(all.command(name).description(description));
  add("status", "whether badnessd is ready, and what is armed").action((_, command) => status(contextOf(command)));
  add("tree", "the hierarchy with badness, where it comes from, RSS, and the next victim")
    .argument("[memcg]", "memcg path", "/")
    .action((memcg, _, command) => tree(contextOf(command), memcg));
  addTop(add("top", "the tree as it changes, who is next, and the recent kills"));
  addExplain(add("explain", "who would die if a memcg were out of memory now, and why; kills nothing"));
  add("policies", "the policies that can decide, with their arguments").action((_, command) =>
    policies(contextOf(command)),
  );
  add("snapshot", "the live hierarchy, for replay and bug reports")
    .argument("[memcg]", "memcg path", "/")
    .action((memcg, _, command) => snapshot(contextOf(command), memcg));
  addBadness(add);
  add("events", "what happened, one JSON object a line")
    .option("--follow", "go on as it happens")
    .action(({ follow }, command) => events(contextOf(command), follow === true));
  addKillAll(add("kill-all", "kill every process of a memcg and all below it, forks and newcomers included"));
  addStats(add("stats", "who was killed, where, why and by whom, and how often memory ran out"));
  addListening(add);
  addSysctl(
    add("sysctl", "read and write the running daemon's settings; what is written holds until its files are read"),
  );
  add("restore", "give every armed memcg back to the kernel's killer; needs no daemon").action((_, command) =>
    restore(contextOf(command)),
  );
  return all;
}

function addTop(command: Command): void {
  command
    .argument("[memcg]", "memcg path", "/")
    .option("--once", "print it as it is now, and end")
    .action((memcg, options) => top(contextOf(command), memcg, options));
}

function addListening(add: (name: string, description: string) => Command): void {
  add("listen", "be told before anybody of a memcg is killed, and free memory instead")
    .argument("<memcg>", "memcg path; yours, or be root")
    .argument("[command...]", "run for each OOM, with it on standard input; exit code 0 says that memory was freed")
    .passThroughOptions()
    .action((memcg, words, _, command) => listen(contextOf(command), memcg, words));
  add("notify", "a line for every OOM notification of a memcg; needs no daemon")
    .argument("<event-control>", "cgroup.event_control of the memcg")
    .argument("<oom-control>", "memory.oom_control of the memcg")
    .action((eventControl, oomControl, _, command) => notify(contextOf(command), eventControl, oomControl));
}

function addExplain(command: Command): void {
  command
    .argument("[memcg...]", "memcg path (default: /); with --snapshot, further files")
    .option("--snapshot <file...>", "decide over files instead, - for standard input; needs neither root nor daemon")
    .option("--policy <words>", 'as this policy would, with arguments as "swap-usage recursive=1"')
    .option("--compare [policies...]", "as each of these, or all, side by side")
    .action((words, { snapshot: files, policy, compare }, command) => {
      if (policy !== undefined && compare !== undefined)
        throw new CommandFailed("name --policy or --compare, one of them", 2);
      const options = { policy, compare };
      if (files !== undefined) return explainFiles(contextOf(command), [...files, ...words], options);
      if (words.length > 1) throw new CommandFailed(`explain takes one memcg, got ${words.join(" ")}`, 2);
      return explain(contextOf(command), words[0] ?? "/", options);
    });
}

function addBadness(add: (name: string, description: string) => Command): void {
  const value = '0..10000, "never" or "default"';
  addSet(add("set", "set the badness of a memcg, or of a process and the children it makes from then on"));
  add("get", "what is set on a memcg or a process, and where it comes from")
    .argument("[memcg]", "memcg path")
    .option("--pid <pid>", "a process instead")
    .action((memcg, { pid }, command) => {
      if ((memcg === undefined) === (pid === undefined))
        throw new CommandFailed("name a memcg or --pid, one of them", 2);
      return pid === undefined ? getMemcg(contextOf(command), memcg) : getProcess(contextOf(command), pid);
    });
  add("exec", "run a command with a badness, as nice(1) does")
    .argument("<command...>", "the command and its arguments")
    .requiredOption("--badness <value>", value)
    .passThroughOptions()
    .action((words, { badness }, command) => exec(contextOf(command), badness, words));
}

function addSet(command: Command): void {
  command
    .argument("[memcg]", "memcg path; not with --pid")
    .argument("[value]", '0..10000, "never", or "default" to take it away')
    .option("--pid <pid>", "a process instead")
    .option("--kill <unit>", 'what dies with the memcg: "process", "group" or "default"')
    .option("--delay-ms <ms>", 'its oom delay, or "default"')
    .option("--trusted", "set what root alone may set: what root does without either")
    .option("--user", "set what its owner may set: what everybody else does without either")
    .action((first, second, { pid, ...options }) => {
      if (first === undefined) throw new CommandFailed("name a memcg, or --pid and a value", 2);
      if (pid === undefined) return setMemcg(contextOf(command), first, second, options);
      if (second !== undefined || Object.keys(command.opts()).some((key) => MEMCG_ONLY.has(key))) {
        throw new CommandFailed("--pid takes a value and nothing else", 2);
      }
      return setProcess(contextOf(command), pid, first);
    });
}

const MEMCG_ONLY = new Set(["kill", "delayMs", "trusted", "user"]);

function addSysctl(command: Command): void {
  command
    .argument("[words...]", "KEY, or KEY=VALUE to write")
    .option("-a, --all", "every key")
    .option("-w, --write", "every word is to be written")
    .action((words, options) => sysctl(contextOf(command), words, options));
}

function addKillAll(command: Command): void {
  command
    .argument("<memcg>", "memcg path")
    .option("--include-protected", "those with oom_score_adj -1000 or badness never, too")
    .option("--timeout <ms>", "give up after this", parseTimeout, 10_000)
    .action((memcg, options) => killAll(contextOf(command), memcg, options));
}

function addStats(command: Command): void {
  command
    .argument("[memcg]", "memcg path; every memcg that has counted anything without it")
    .action((memcg) => stats(contextOf(command), memcg));
}

/** Before the command or behind it, these mean the same. */
function withCommon(command: Command): Command {
  return command
    .option("--runtime-dir <dir>", "where badnessd keeps its socket and state")
    .option("--cgroup-root <dir>", "mount point of the memory controller")
    .option("--json", "print JSON")
    .exitOverride();
}

function contextOf(command: Command): Context {
  return new Context(command.optsWithGlobals<CommonOptions>());
}
