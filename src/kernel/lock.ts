import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { flock } from "./libc.ts";

const LOCK_EX_NB = 2 | 4;

/** Takes the lock on a file for as long as this process lives, and writes its pid there; false while another has it. */
export function lockFile(path: string): boolean {
  const fd = openSync(path, "a", 0o644);
  if (flock(fd, LOCK_EX_NB) !== 0) {
    closeSync(fd);
    return false;
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return true;
}

/** Whether nobody has the lock on a file. */
export function tryLock(path: string): boolean {
  const fd = openSync(path, "a", 0o644);
  const isFree = flock(fd, LOCK_EX_NB) === 0;
  closeSync(fd);
  return isFree;
}
