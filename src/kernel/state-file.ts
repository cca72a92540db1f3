/** Small files of ours in the runtime directory. */
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory that all may look into and only we may write; fine if it is there. Returns those that were missing,
 * the outermost first. Not with `recursive`: where the kernel says ENOENT of a name in a directory that is there, as in
 * /proc, Node would try for ever.
 */
export function ensureDirectory(path: string): readonly string[] {
  const missing: string[] = [];
  for (let at = path; !isDirectory(at); at = dirname(at)) missing.unshift(at);
  for (const each of missing) makeDirectory(each);
  return missing;
}

/** Whether that could be done, and files be made there: null, or the error. Leaves nothing behind. */
export function tryDirectory(path: string): NodeJS.ErrnoException | null {
  let made: readonly string[] = [];
  try {
    made = ensureDirectory(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    for (const each of made.toReversed()) removeEmpty(each);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Somebody else may have made it in between. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (!isDirectory(path)) throw error;
  }
}

/** Somebody may have begun to use it. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {}
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
