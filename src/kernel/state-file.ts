/** Small files of ours in the runtime directory. */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

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

/** The files in a directory; none if there is no such directory. */
export function listFiles(directory: string): { readonly name: string; readonly bytes: number }[] {
  try {
    return readdirSync(directory).flatMap((name) => {
      const facts = statSync(`${directory}/${name}`, { throwIfNoEntry: false });
      return facts?.isFile() === true ? [{ name, bytes: facts.size }] : [];
    });
  } catch {
    return [];
  }
}

/** Takes a file that is of no use out of the way, and returns where it is now: somebody may want to look at it. */
export function moveAside(path: string): string {
  const aside = `${path}.broken`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(path, aside);
  return aside;
}

/** Fine if it is gone already. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** Everybody may connect to a socket; what they may do is decided by who they are. */
export function makeSocketPublic(path: string): void {
  chmodSync(path, 0o666);
}
