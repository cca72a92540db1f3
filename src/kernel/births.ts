/**
 * The kernel's own list of births, through the process connector: see linux/cn_proc.h. Nobody waits for it, so it wakes
 * nobody: the kernel keeps what we have not read, and says when that was too much.
 */
import { constants } from "node:os";
import { close, errno, library } from "./libc.ts";

const socket = library.func("socket", "int", ["int", "int", "int"]) as (a: number, b: number, c: number) => number;
const bind = library.func("bind", "int", ["int", "void *", "uint"]) as (
  fd: number,
  a: Uint32Array,
  n: number,
) => number;
const send = library.func("send", "long", ["int", "void *", "size_t", "int"]) as (
  fd: number,
  message: Uint32Array,
  bytes: number,
  flags: number,
) => number;
const recvfrom = library.func("recvfrom", "long", ["int", "void *", "size_t", "int", "void *", "void *"]) as (
  fd: number,
  buffer: Uint32Array,
  bytes: number,
  flags: number,
  from: Uint32Array,
  fromBytes: Uint32Array,
) => number;
const setsockopt = library.func("setsockopt", "int", ["int", "int", "int", "void *", "uint"]) as (
  fd: number,
  level: number,
  option: number,
  value: Uint32Array,
  bytes: number,
) => number;

const AF_NETLINK = 16;
const NETLINK_CONNECTOR = 11;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
/** Some four thousand births between two looks. */
const UNREAD_BYTES = 4 * 1024 * 1024;
/** CN_IDX_PROC and CN_VAL_PROC, and the multicast group of that name. */
const PROC = 1;
const NLMSG_DONE = 3;
const LISTEN = 1;
const EVENT_NONE = 0;
const EVENT_FORK = 1;
/** In words of 4 bytes: behind nlmsghdr (4) and cn_msg (5), and behind what, cpu and the time in proc_event. */
const WHAT = 9;
const DATA = 13;

/** A new process, no thread, and the process that the kernel took for its parent then. */
export interface Born {
  readonly parent: number;
  readonly child: number;
}

export class Births {
  readonly #fd: number;
  readonly #message = new Uint32Array(64);
  readonly #from = new Uint32Array(3);
  readonly #fromBytes = new Uint32Array(1);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Null where the kernel tells us nothing: it needs CAP_NET_ADMIN, outside of every container. */
  static open(): Births | null {
    const fd = socket(AF_NETLINK, SOCK_DGRAM_CLOEXEC_NONBLOCK, NETLINK_CONNECTOR);
    if (fd < 0) return null;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, Uint32Array.of(UNREAD_BYTES), 4);
    const births = new Births(fd);
    if (bind(fd, Uint32Array.of(AF_NETLINK, 0, PROC), 12) === 0 && births.#subscribe()) return births;
    close(fd);
    return null;
  }

  /** Those since the last call, in order; `isComplete` is false where the kernel had to drop some. */
  drain(): { readonly births: readonly Born[]; readonly isComplete: boolean } {
    const births: Born[] = [];
    let isComplete = true;
    for (let next = this.#receive(); next !== "none"; next = this.#receive()) {
      if (next === "lost") isComplete = false;
      else if (next === EVENT_FORK) this.#note(births);
    }
    return { births, isComplete };
  }

  close(): void {
    close(this.#fd);
  }

  #subscribe(): boolean {
    this.#send(LISTEN);
    // The answer is there when the call returns. Elsewhere than among the first of all namespaces there is none.
    for (let next = this.#receive(); next !== "none"; next = this.#receive()) {
      if (next !== EVENT_NONE) continue;
      // Kernels from 6.6 on need not send all the rest; older ones ignore the longer message.
      this.#send(LISTEN, EVENT_FORK);
      return this.#message[DATA] === 0;
    }
    return false;
  }

  #send(...words: number[]): void {
    const bytes = 36 + words.length * 4;
    // struct nlmsghdr: length, type and flags, sequence, port. struct cn_msg: idx, val, seq, ack, length and flags.
    const header = [bytes, NLMSG_DONE, 0, process.pid, PROC, PROC, 0, 0, words.length * 4];
    send(this.#fd, Uint32Array.from([...header, ...words]), bytes, 0);
  }

  /** What the next message tells of, as far as the kernel sent it. */
  #receive(): number | "none" | "lost" {
    this.#fromBytes[0] = 12;
    const bytes = recvfrom(this.#fd, this.#message, this.#message.byteLength, 0, this.#from, this.#fromBytes);
    if (bytes < 0) return errno() === constants.errno.ENOBUFS ? "lost" : "none";
    // Port 0 is the kernel: nobody else can make us believe in a birth.
    return this.#from[1] === 0 ? (this.#message[WHAT] ?? EVENT_NONE) : -1;
  }

  #note(births: Born[]): void {
    const [, parent = 0, thread = 0, child = 0] = this.#message.subarray(DATA, DATA + 4);
    if (thread === child) births.push({ parent, child });
  }
}
