/**
 * Processes that are hard to kill or to account for: `odd-process.mjs KIND MIB`. Each holds MIB and prints "ready", with
 * what else its test needs behind it.
 */
import { Worker } from "node:worker_threads";
import koffi from "koffi";

const MIB = 1024 * 1024;
const [kind = "", size = "0"] = process.argv.slice(2);
const syscall = koffi.load(null).func("syscall", "long", ["long", "long", "long", "long", "long"]);
const isArm = process.arch === "arm64";
const SYS_EXIT = isArm ? 93 : 60;
const SYS_VFORK = 58;
const SYS_PTRACE = isArm ? 117 : 101;
const PTRACE_SEIZE = 0x4206;
const PTRACE_O_TRACEEXIT = 0x40;

const kinds = {
  /** The thread group leader ends, its threads and their memory live on. */
  "zombie-leader": () => {
    threads(1);
    setTimeout(() => syscall(SYS_EXIT, 0, 0, 0, 0), 200);
  },
  /** So many threads that dying takes its time. */
  threads: () => threads(16),
  /** Another process shares its memory: a vfork whose child neither runs a program nor ends. */
  shared: () => {
    process.stdout.write("ready\n");
    const child = syscall(SYS_VFORK, 0, 0, 0, 0);
    if (Number(child) === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  /** Holds the process that standard input names at the moment of its exit, for as long as this one lives. */
  tracer: () =>
    process.stdin.on("data", (pid) => {
      const result = syscall(SYS_PTRACE, PTRACE_SEIZE, Number(pid), 0, PTRACE_O_TRACEEXIT);
      process.stdout.write(Number(result) === 0 ? "traced\n" : "refused\n");
    }),
};

function threads(count) {
  const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
  for (let started = 0; started < count; started++) new Worker(wait, { eval: true });
}

const taken = Array.from({ length: Number(size) }, () => Buffer.alloc(MIB, 1));
setInterval(() => taken.length, 1 << 30);
setTimeout(() => process.stdout.write("ready\n"), kind === "tracer" ? 0 : 100);
kinds[kind]();
