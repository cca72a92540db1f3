import { close, write } from "./libc.ts";
import { O_WRONLY, openPath } from "./read.ts";

/** Writes a line to the kernel's log, where it stands between the kernel's own; false where we may not. */
export function writeKernelLog(line: string, path = "/dev/kmsg"): boolean {
  const fd = openPath(path, O_WRONLY);
  if (fd < 0) return false;
  const bytes = Buffer.from(`${line}\n`);
  const isWritten = write(fd, bytes, bytes.length) === bytes.length;
  close(fd);
  return isWritten;
}
