/** A real OOM in a memcg of the demo's own. Nothing is left of it afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { askLines } from "../control/client.ts";
import { readOomControl, readUsageBytes } from "../kernel/memcg.ts";
import type { Event } from "../report/events.ts";
import { CAST, LIMIT_MIB, policyOf, type Scene } from "./scene.ts";

const BADNESSD = fileURLToPath(new URL("../../../bin/badnessd.js", import.meta.url));
const HOG = fileURLToPath(new URL("../cli/hog.js", import.meta.url));
const MIB = 1024 * 1024;
/** More than there is room for, and less than the victim gives back. */
const OVER_MIB = 5;
const PATIENCE_MS = 30_000;

/** Plays it; rejects if it does not come to an end in time. */
export async function playLive(mountPoint: string): Promise<Scene> {
  const top = `/badnessd-demo-${process.pid}`;
  const files = mkdtempSync(`${tmpdir()}/badnessd-demo-`);
  const children: ChildProcess[] = [];
  build(mountPoint + top);
  try {
    writeFileSync(`${files}/policy.yaml`, policyOf(top));
    const conf = [`oom.guard = ${top}`, `oom.policy_files = ${files}/policy.yaml`, "oom.system.enabled = 0", ""];
    writeFileSync(`${files}/badnessd.conf`, conf.join("\n"));
    const daemon = spawn(
      process.execPath,
      [BADNESSD, "--config", `${files}/badnessd.conf`, "--runtime-dir", `${files}/run`],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    children.push(daemon);
    await ready(daemon);
    const cast = new Map<string, ChildProcess>();
    for (const { name, holdsMib } of CAST) {
      const child = enter(`${mountPoint}${top}/${name}`, holdsMib);
      cast.set(name, child);
      children.push(child);
      await once(child.stdout ?? child, "data");
    }
    const roomMib = LIMIT_MIB - readUsageBytes(mountPoint + top) / MIB;
    cast.get("web")?.stdin?.write(`${Math.ceil(roomMib) + OVER_MIB}\n`);
    const { decision, relieved } = await story(`${files}/run`);
    const alive = Object.fromEntries(Array.from(cast, ([name, { signalCode }]) => [name, signalCode === null]));
    const kernelKills = ["", ...CAST.map(({ name }) => `/${name}`)].reduce(
      (sum, below) => sum + (readOomControl(mountPoint + top + below)?.killed ?? 0),
      0,
    );
    return { where: release(), decision, relieved, kernelKills, alive };
  } finally {
    await end(children);
    for (const { name } of CAST) rmdirSync(`${mountPoint}${top}/${name}`);
    rmdirSync(mountPoint + top);
    rmSync(files, { recursive: true });
  }
}

function build(directory: string): void {
  mkdirSync(directory);
  writeFileSync(`${directory}/memory.limit_in_bytes`, `${LIMIT_MIB * MIB}`);
  for (const { name } of CAST) mkdirSync(`${directory}/${name}`);
}

/** A process in a memcg from its first instruction on. */
function enter(directory: string, holdsMib: number): ChildProcess {
  const command = 'echo $$ > "$0"/cgroup.procs && exec "$@"';
  return spawn("sh", ["-c", command, directory, process.execPath, HOG, "hold", `${holdsMib}`], {
    stdio: ["pipe", "pipe", "ignore"],
  });
}

async function ready(daemon: ChildProcess): Promise<void> {
  let log = "";
  for await (const chunk of daemon.stderr ?? []) {
    log += String(chunk);
    if (log.includes(" is ready")) return;
  }
  throw new Error(`badnessd did not start: ${log}`);
}

/** The first decision, and how it ended. */
async function story(runtimeDir: string): Promise<Pick<Scene, "decision" | "relieved">> {
  const late = setTimeout(() => {
    throw new Error(`no OOM was handled within ${PATIENCE_MS} ms`);
  }, PATIENCE_MS);
  let decision: Scene["decision"] | null = null;
  for await (const line of askLines(runtimeDir, "/events?follow")) {
    const event = JSON.parse(line) as Event;
    if (event.type === "decision") decision = event;
    if (event.type !== "relieved" || decision === null) continue;
    clearTimeout(late);
    return { decision, relieved: event };
  }
  throw new Error("badnessd ended before the OOM was over");
}

/** badnessd first, in its own way, and then whoever is left. */
async function end([daemon, ...others]: readonly ChildProcess[]): Promise<void> {
  await ended(daemon, "SIGTERM");
  for (const child of others) await ended(child, "SIGKILL");
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
