/**
 * The failsafe: a process of its own that gives memcgs back to the kernel's killer when the handler cannot.
 *
 * - The pipe from the handler closes: it is dead. Put everything back as it was, but that the kernel's killer is let
 *   loose wherever somebody waits, and end.
 * - A memcg is under OOM for longer than its delay and a grace: the handler is stopped or wedged. Let the kernel's
 *   killer loose everywhere; a handler that comes back holds it off again.
 *
 * It hears of an OOM from the kernel, not from the handler, and sleeps until there is one. It reads nothing but
 * oom_control files, and never writes to a stream that somebody else may have stopped reading.
 * Usage: main.js RUNTIME_DIR MOUNT_POINT, with the pipe as standard input.
 */
import { readRecord, removeRecord } from "../hold/record.ts";
import { restore } from "../hold/restore.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { writeKernelLog } from "../kernel/kmsg-write.ts";
import { lockFile } from "../kernel/lock.ts";
import { writeNow } from "../kernel/pipe.ts";
import { writeOomScoreAdj } from "../kernel/process.ts";
import { settleMemory } from "../kernel/settle.ts";
import { Bells } from "../notify/bells.ts";
import { takeBackRecorded } from "../relief/loan-record.ts";
import { type FromFailsafe, messageReader, type ToFailsafe } from "./protocol.ts";
import { type Watched, WatchedMemcgs } from "./watched.ts";
import { whyLoose } from "./why-loose.ts";

/** While a memcg is under OOM it is looked at this often, so that one that recovered is noticed. */
const PENDING_LOOK_MS = 100;
const LOCK_MS = 1_000;

const [runtimeDir = "", mountPoint = ""] = process.argv.slice(2);
const bells = new Bells<string>(() => lookSoon());
const watched = new WatchedMemcgs(mountPoint, bells);
let lookTimer: NodeJS.Timeout | null = null;

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE"] as const) process.on(signal, () => {});
process.on("uncaughtException", end);
writeOomScoreAdj(process.pid, -1000);
await lock();
process.stdin.on("data", messageReader<ToFailsafe>(take));
process.stdin.on("end", end);
process.stdin.on("error", end);
tell({ type: "ready" });
setTimeout(settleMemory, 3_000);

/** The failsafe before us may need a moment to end, though it was killed. */
async function lock(): Promise<void> {
  for (const endMs = nowMs() + LOCK_MS; !lockFile(`${runtimeDir}/failsafe.lock`); await sleep(10)) {
    if (nowMs() > endMs) process.exit(1);
  }
}

function take(message: ToFailsafe): void {
  if (message.type === "watch") {
    const inos = message.memcgs.filter((request) => watched.add(request)).map(({ ino }) => ino);
    tell({ type: "watching", request: message.request, inos });
  } else if (message.type === "unwatch") {
    for (const ino of message.inos) watched.remove(ino);
  } else if (message.type === "clear") {
    const memcg = watched.all.get(message.ino);
    if (memcg !== undefined) memcg.underOomSince = null;
  }
}

/** A moment later, so as not to take the processor from the handler while it decides. */
function lookSoon(): void {
  const rungAt = nowMs();
  lookTimer ??= setTimeout(() => look(rungAt), 20);
}

function look(rungAt: number): void {
  if (lookTimer !== null) clearTimeout(lookTimer);
  const { expired, nextMs } = watched.look(rungAt);
  if (expired.length > 0) loosenAll(expired);
  lookTimer = nextMs === null ? null : setTimeout(() => look(nowMs()), Math.min(nextMs, PENDING_LOOK_MS));
}

/** One deadline that passed is proof that nobody is there to keep the others. */
function loosenAll(expired: readonly Watched[]): void {
  const [first] = expired;
  watched.loosen(watched.all.values());
  tell({ type: "loosened", expired: expired.map(({ memcg }) => memcg) });
  // A handler that is stopped, or in a circle for ever, will not say it.
  if (first !== undefined) writeKernelLog(whyLoose(first));
}

/** The handler is dead: what it held and raised goes back, those born armed included. */
function end(): void {
  watched.loosen([...watched.all.values()].filter(({ was }) => !was));
  const record = readRecord(runtimeDir);
  if (record !== null && restore(record, "after a death").failed.length === 0) removeRecord(runtimeDir);
  takeBackRecorded(runtimeDir, "at once");
  process.exit(0);
}

/** Never waits: what does not fit into the pipe of a handler that has stopped reading is not said. */
function tell(message: FromFailsafe): void {
  // EAGAIN, or EPIPE: its death shows on standard input.
  writeNow(1, `${JSON.stringify(message)}\n`);
}
