/** A terminal of a test's own. */
import { constants, openSync } from "node:fs";
import { library } from "../../src/kernel/libc.ts";

const ioctl = library.func("ioctl", "int", ["int", "ulong", "void *"]);
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const READ_WRITE = constants.O_RDWR | constants.O_NOCTTY;

/** What is written to `writerFd` can be read from `readerFd`, and waits in between if nobody does. */
export function openPty(): { readonly readerFd: number; readonly writerFd: number } {
  const readerFd = openSync("/dev/ptmx", READ_WRITE | constants.O_NONBLOCK);
  const number = new Int32Array(1);
  if (ioctl(readerFd, TIOCSPTLCK, number) < 0 || ioctl(readerFd, TIOCGPTN, number) < 0) throw new Error("no pty");
  return { readerFd, writerFd: openSync(`/dev/pts/${number[0]}`, READ_WRITE) };
}
