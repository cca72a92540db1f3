/** The handler, from what launch.ts hands over to its end. The path of an OOM is attend.ts; the rooms meet in running.ts. */
import { strictPriority } from "../policies/strict-priority.ts";
import { Priorities } from "./badness/priorities.ts";
import { version } from "./config/version.ts";
import type { Handover } from "./handover.ts";
import { takeHandover } from "./kernel/exec.ts";
import { lockFile } from "./kernel/lock.ts";
import { settleMemory } from "./kernel/settle.ts";
import { ensureDirectory } from "./kernel/state-file.ts";
import { finishPredecessor } from "./predecessor.ts";
import { Reporter } from "./report/events.ts";
import { openLog } from "./report/log.ts";
import { Running } from "./running.ts";

/** Events that are kept for those who ask later. */
const KEPT_EVENTS = 1_000;
/** What starting needed is given back after this. */
const SETTLE_MS = 1_000;

const handover = takeHandover();
if (handover === null) refuse("daemon.js is started by badnessd alone");
else await run(JSON.parse(handover) as Handover);

async function run({ arguments: { runtimeDir }, config, mountPoint, notes }: Handover): Promise<void> {
  ensureDirectory(runtimeDir);
  if (!lockFile(`${runtimeDir}/lock`)) return refuse(`another badnessd runs on ${runtimeDir}`);
  const log = openLog();
  const reporter = new Reporter(KEPT_EVENTS);
  reporter.listen((event) => log.event(event));
  for (const note of notes) log.line("info", note);
  const { restored } = await finishPredecessor(runtimeDir);
  if (restored.length > 0) log.line("warn", `an earlier run left ${restored.length} memcgs armed: they were put back`);
  const priorities = new Priorities(config);
  const { dryRun } = config.settings;
  const policy = strictPriority;
  const running = new Running({ mountPoint, runtimeDir, dryRun, priorities, policy, reporter, version: version() });
  endWith(running);
  await running.start();
  setTimeout(settleMemory, SETTLE_MS);
}

/** However it ends, everything goes back as it was; what does not get so far is the failsafe's. */
function endWith(running: Running): void {
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
}

function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
