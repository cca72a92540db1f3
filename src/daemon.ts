/** badnessd, from its command line to its end. The path of an OOM is attend.ts, the rooms meet in running.ts. */
import { strictPriority } from "../policies/strict-priority.ts";
import { Priorities } from "./badness/priorities.ts";
import { compileConfig } from "./config/load.ts";
import type { Arguments, Config } from "./config/types.ts";
import { version } from "./config/version.ts";
import { lockFile } from "./kernel/lock.ts";
import { ensureDirectory } from "./kernel/state-file.ts";
import { finishPredecessor } from "./predecessor.ts";
import { type Finding, inspect, locateController } from "./preflight.ts";
import { Reporter } from "./report/events.ts";
import { openLog } from "./report/log.ts";
import { Running } from "./running.ts";

/** Events that are kept for those who ask later. */
const KEPT_EVENTS = 1_000;

/** Runs until a signal ends it, or sets the exit code and returns. */
export async function main(argv: readonly string[]): Promise<void> {
  const compiled = await compileConfig(argv);
  if (compiled.kind === "exit") {
    for (const fault of compiled.faults) console.error(fault);
    process.exitCode = compiled.code;
    return;
  }
  const { arguments: args, config } = compiled;
  const priorities = new Priorities(config);
  const mountPoint = locateController(args.cgroupRoot);
  const findings = typeof mountPoint === "string" ? inspect(mountPoint, priorities.guard) : [mountPoint];
  const fatal = findings.find(({ severity }) => severity === "fatal");
  if (args.check) printFindings(config, findings);
  else if (fatal) console.error(findings.filter((finding) => finding.severity === "fatal").map(({ text }) => text).join("\n"));
  if (fatal) process.exitCode = fatal.exitCode;
  else if (!args.check && typeof mountPoint === "string") await run(args, priorities, mountPoint, findings);
}

async function run(args: Arguments, priorities: Priorities, mountPoint: string, notes: readonly Finding[]): Promise<void> {
  const { runtimeDir } = args;
  ensureDirectory(runtimeDir);
  if (!lockFile(`${runtimeDir}/lock`)) return refuse(`another badnessd runs on ${runtimeDir}`);
  const log = openLog();
  const reporter = new Reporter(KEPT_EVENTS);
  reporter.listen((event) => log.event(event));
  for (const { text } of notes) log.line("warn", text);
  for (const note of priorities.config.notes) log.line("info", note);
  const { restored } = await finishPredecessor(runtimeDir);
  if (restored.length > 0) log.line("warn", `an earlier run left ${restored.length} memcgs armed; they were put back first`);
  const { dryRun } = priorities.config.settings;
  const running = new Running({
    mountPoint, runtimeDir, dryRun, priorities, policy: strictPriority, reporter, version: version(),
  });
  const stop = (exitCode: number) => {
    running.stop();
    process.exit(exitCode);
  };
  process.on("SIGTERM", () => stop(0));
  process.on("SIGINT", () => stop(0));
  process.on("uncaughtException", (error) => {
    console.error(error);
    stop(1);
  });
  await running.start();
}

function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}

function printFindings(config: Config, findings: readonly Finding[]): void {
  for (const note of config.notes) console.log(`note: ${note}`);
  for (const { severity, text } of findings) console.log(`${severity}: ${text}`);
  if (findings.length === 0) console.log("all is well");
}
