import { orThrow } from "./kernel-error.ts";
import { ioctl, pipe2, write } from "./libc.ts";

const CLOEXEC = 0o2000000;
const FIONREAD = 0x541b;

/** A pipe; `spawn` may hand either end to a child. Throws KernelError, as EMFILE. */
export function createPipe(): { readonly readFd: number; readonly writeFd: number } {
  const fds = new Int32Array(2);
  orThrow(pipe2(fds, CLOEXEC), "cannot create a pipe");
  const [readFd = -1, writeFd = -1] = fds;
  return { readFd, writeFd };
}

/** Bytes in a pipe that its reader has not taken yet; may be asked at either end. */
export function unreadBytes(fd: number): number {
  const count = new Int32Array(1);
  return ioctl(fd, FIONREAD, count) < 0 ? 0 : (count[0] ?? 0);
}

/** Writes without a second try: false if not all of it went. */
export function writeNow(fd: number, text: string): boolean {
  const bytes = Buffer.from(text);
  return write(fd, bytes, bytes.length) === bytes.length;
}
