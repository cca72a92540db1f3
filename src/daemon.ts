/** The handler, from what launch.ts hands over to its end. The path of an OOM is oom/attend.ts; the rooms meet in running.ts. */
import { ProcessValues } from "./badness/process-values.ts";
import { Reloader } from "./config/reloader.ts";
import type { Config } from "./config/types.ts";
import { version } from "./config/version.ts";
import { routesOf } from "./control/daemon-routes.ts";
import { serve } from "./control/server.ts";
import { LEFT_ARMED } from "./hold/origins.ts";
import type { ArmedRecord } from "./hold/record.ts";
import { takeHandover } from "./kernel/exec.ts";
import { lockFile } from "./kernel/lock.ts";
import { lockText } from "./kernel/lock-text.ts";
import { settleMemory } from "./kernel/settle.ts";
import { ensureDirectory } from "./kernel/state-file.ts";
import { Outlets } from "./outlets.ts";
import { Relief } from "./relief/relief.ts";
import type { Reporter } from "./report/events.ts";
import { Running } from "./running.ts";
import type { Handover } from "./start/handover.ts";
import { rememberHangUps } from "./start/hang-up.ts";
import { finishPredecessor, restoreRecorded } from "./start/predecessor.ts";
import { cannotUse } from "./start/runtime-place.ts";
import { protectSelf } from "./start/self-protection.ts";
import { Bookkeeper } from "./witness/bookkeeper.ts";

/** What starting needed is given back after this. */
const SETTLE_MS = 3_000;

const onHangUp = rememberHangUps();
const handover = takeHandover();
if (handover === null) refuse("daemon.js is started by badnessd alone");
else await run(JSON.parse(handover) as Handover);

async function run({ arguments: { runtimeDir }, config, mountPoint, notes, argv }: Handover): Promise<void> {
  const why = occupy(runtimeDir);
  if (why !== null) return refuse(why.text, why.exitCode);
  protectSelf();
  const outlets = await Outlets.open(config.settings, notes);
  const { reporter } = outlets;
  let left = await takeOver(runtimeDir, { mountPoint, config, reporter });
  const processes = new ProcessValues(runtimeDir, (what) => reporter.report({ type: "fault", what }));
  processes.load();
  const books = new Bookkeeper(runtimeDir, reporter);
  const relief = new Relief(runtimeDir, reporter, config);
  const rooms = { mountPoint, runtimeDir, processes, reporter, books, relief };
  const start = async (toRun: Config): Promise<Running> => {
    const started = new Running({ ...rooms, config: toRun, dryRun: toRun.settings.dryRun, left });
    await started.start();
    left = null;
    return started;
  };
  await relief.configure(config);
  let running = await start(config);
  lockText();
  let current = config;
  endWith(() => [running.stop(), processes.close(), reporter.flush(), books.kept.save(), outlets.stop()], reporter);
  await outlets.show({ counters: books.kept.counters, presence: () => running.presence() }, config.settings);
  const reloader = new Reloader(config, {
    argv,
    onBroken: (faults) => faults.forEach((what) => void reporter.report({ type: "fault", what })),
    async onConfig(next) {
      await outlets.configure(next.settings);
      const isAnotherMode = next.settings.dryRun !== current.settings.dryRun;
      current = next;
      await relief.configure(next);
      if (!isAnotherMode) return running.reconfigure(next);
      running.stop();
      running = await start(next);
    },
  });
  onHangUp(() => reloader.request());
  const status = () => ({ ...running.status(), version: version(), listening: relief.listening, lent: relief.lent });
  const inForce = { config: () => current, priorities: () => running.inForce, samples: () => running.samples() };
  const metrics = () => outlets.metrics();
  await serve(runtimeDir, routesOf({ status, metrics, ...inForce, reporter, reloader, processes, books, relief }));
  reporter.report({ type: "ready", version: version(), armed: running.presence().armed.length });
  setTimeout(settleMemory, SETTLE_MS);
}

/** What a run that died has left armed, to be armed again without a gap; what cannot be is put back. */
async function takeOver(
  runtimeDir: string,
  { mountPoint, config, reporter }: { mountPoint: string; config: Config; reporter: Reporter },
): Promise<ArmedRecord | null> {
  process.once("exit", () => giveBack(runtimeDir));
  const left = await finishPredecessor(runtimeDir).catch(({ message }: Error) => {
    refuse(message);
    process.exit();
  });
  if (left === null || (left.mountPoint === mountPoint && !config.settings.dryRun)) return left;
  for (const memcg of restoreRecorded(runtimeDir).restored) {
    reporter.report({ type: "disarmed", memcg, why: LEFT_ARMED });
  }
  return null;
}

/** Whatever ends us before all of it is armed again: nobody is there for it then. */
function giveBack(runtimeDir: string): void {
  try {
    restoreRecorded(runtimeDir);
  } catch {
    // The record is broken, which was said at the start.
  }
}

/** However it ends, everything goes back as it was; what does not get so far is the failsafe's. */
function endWith(stop: () => unknown, reporter: Reporter): void {
  const end = (exitCode: number, error?: Error) => {
    stop();
    // Not with console.error, which waits for whoever reads it.
    if (error !== undefined) reporter.report({ type: "fault", what: `ended by ${error.stack}` });
    reporter.end();
    process.exit(exitCode);
  };
  process.on("SIGTERM", () => end(0));
  process.on("SIGINT", () => end(0));
  process.on("uncaughtException", (error) => end(1, error));
}

/** Makes the runtime directory ours, for as long as we live: null, or why it cannot be. */
function occupy(runtimeDir: string): { readonly text: string; readonly exitCode: 1 | 77 } | null {
  try {
    ensureDirectory(runtimeDir);
    const isOurs = lockFile(`${runtimeDir}/lock`);
    return isOurs ? null : { text: `another badnessd runs on ${runtimeDir}`, exitCode: 1 };
  } catch (error) {
    return cannotUse(runtimeDir, error as NodeJS.ErrnoException);
  }
}

function refuse(why: string, exitCode = 1): void {
  console.error(why);
  process.exitCode = exitCode;
}
