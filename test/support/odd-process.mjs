/**
 * Processes that are hard to kill or to account for: `odd-process.mjs KIND MIB`. Each holds MIB and prints "ready", with
 * what else its test needs behind it.
 */
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import koffi from "koffi";

const MIB = 1024 * 1024;
const [kind = "", size = "0"] = process.argv.slice(2);
const syscall = koffi.load(null).func("syscall", "long", ["long", "long", "long", "long", "long"]);
const mmap = koffi.load(null).func("syscall", "long", Array(7).fill("long"));
const isArm = process.arch === "arm64";
const SYS_EXIT = isArm ? 93 : 60;
const SYS_VFORK = 58;
const SYS_PTRACE = isArm ? 117 : 101;
const SYS_MMAP = isArm ? 222 : 9;
const SYS_MLOCK = isArm ? 228 : 149;
const SYS_MUNLOCK = isArm ? 229 : 150;
const PROT_READ = 1;
const MAP_SHARED = 1;
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
  /** Its memory is the cache of a file on disk, locked until it reads a line. */
  locked: () => {
    const bytes = Number(size) * MIB;
    const address = mapFile(bytes);
    if (Number(syscall(SYS_MLOCK, address, bytes, 0, 0)) !== 0) throw new Error("cannot lock");
    process.stdin.on("data", () => {
      syscall(SYS_MUNLOCK, address, bytes, 0, 0);
      process.stdout.write("unlocked\n");
    });
  },
  /** Holds the process that standard input names at the moment of its exit, for as long as this one lives. */
  tracer: () =>
    process.stdin.on("data", (pid) => {
      const result = syscall(SYS_PTRACE, PTRACE_SEIZE, Number(pid), 0, PTRACE_O_TRACEEXIT);
      process.stdout.write(Number(result) === 0 ? "traced\n" : "refused\n");
    }),
};

/** A file of zeros that nobody else can see; in its cache, what the kernel has read ahead is ours. */
function mapFile(bytes) {
  const path = `/var/tmp/badnessd-test-${process.pid}`;
  const fd = openSync(path, "wx+");
  unlinkSync(path);
  for (let at = 0; at < bytes; at += MIB) writeSync(fd, Buffer.alloc(MIB));
  fsyncSync(fd);
  const address = mmap(SYS_MMAP, 0, bytes, PROT_READ, MAP_SHARED, fd, 0);
  closeSync(fd);
  return address;
}

function threads(count) {
  const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
  for (let started = 0; started < count; started++) new Worker(wait, { eval: true });
}

const taken = Array.from({ length: kind === "locked" ? 0 : Number(size) }, () => Buffer.alloc(MIB, 1));
setInterval(() => taken.length, 1 << 30);
setTimeout(() => process.stdout.write("ready\n"), kind === "tracer" ? 0 : 100);
kinds[kind]();
