import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { readCapabilities } from "../../src/kernel/process.ts";

/** Whether it can be read and written here. */
export function canUseKernelLog(): boolean {
  try {
    accessSync("/dev/kmsg", constants.R_OK | constants.W_OK);
    return readCapabilities().has("CAP_SYSLOG");
  } catch {
    return false;
  }
}

/** What there is of it still. */
export function kernelLog(): string {
  const fd = openSync("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK);
  const record = Buffer.alloc(8_192);
  let text = "";
  try {
    for (;;) text += record.toString("utf8", 0, readSync(fd, record));
  } catch {
    // The end: EAGAIN.
    return text;
  } finally {
    closeSync(fd);
  }
}
