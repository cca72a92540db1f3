/** Small files of ours in the runtime directory. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Makes a directory that all may look into and only we may write; fine if it is there. */
export function ensureDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

/** Replaces a file as a whole: a reader sees the old text or the new one. Throws as `node:fs` does, as ENOSPC. */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, text, { mode: 0o644 });
  renameSync(draft, path);
}

/** Fine if it is gone already. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** Everybody may connect to a socket; what they may do is decided by who they are. */
export function makeSocketPublic(path: string): void {
  chmodSync(path, 0o666);
}
