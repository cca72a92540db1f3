// Processes of the bench's own: started, waited for, and all ended with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();

/**
 * Standard output comes as lines; standard error is kept, to be shown when something went wrong.
 * @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 */
export function start(file, args, env = process.env) {
  const child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const started = { child, lines: createInterface({ input: child.stdout }), errors: "" };
  child.stderr.setEncoding("utf8").on("data", (text) => {
    started.errors = (started.errors + text).slice(-4000);
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return started;
}

/** @typedef {ReturnType<typeof start>} Started */

/** The next `count` lines that a process prints; fails when it ends before. @param {Started} started @param {number} count */
export async function linesOf(started, count) {
  const lines = [];
  for await (const line of started.lines) {
    lines.push(line);
    if (lines.length === count) return lines;
  }
  throw new Error(`${started.child.spawnfile} ended after ${lines.length} of ${count} lines: ${started.errors}`);
}

/** Asks a process to stop and, when it does not within 5 s, kills it. @param {ChildProcess} child */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await exited;
  clearTimeout(timer);
}

export const stopAll = () => Promise.all([...running].map(stop));

/**
 * Polls until the condition holds; `what` says in the error what did not come.
 * @param {string} what @param {() => boolean} holds @param {{ everyMs?: number, withinMs?: number }} [times]
 */
export async function until(what, holds, { everyMs = 2, withinMs = 20_000 } = {}) {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for: ${what}`);
    await pause(everyMs);
  }
}
