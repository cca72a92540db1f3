/** Whether a file can be trusted with being run as ourselves. */
import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

const WRITABLE_BY_OTHERS = 0o022;
/** In such a directory, as /tmp, nobody can replace what is another's. */
const STICKY = 0o1000;

/**
 * Null, or why not: it is no regular file, or somebody other than root and ourselves can change it, or put another in its
 * place. Where links lead through is looked at as well.
 */
export function whyNotTrusted(path: string): string | null {
  try {
    const real = realpathSync(path);
    const facts = statSync(real);
    if (!facts.isFile()) return "it is no regular file";
    const places = new Set([...directoriesAbove(path), ...directoriesAbove(real)]);
    return (
      whyNot(real, facts) ?? firstOf([...places].map((place) => whyNot(place, statSync(place)))) ?? linkOwner(path)
    );
  } catch (error) {
    return `cannot read it: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Tells one version of a file from another. */
export function fileVersion(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino}-${size}-${mtimeNs}`;
}

function whyNot(path: string, { uid, mode }: Stats): string | null {
  if (!isOurs(uid)) return `${path} belongs to user ${uid}`;
  const isWritable = (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
  return isWritable ? `${path} can be written by others than its owner` : null;
}

function linkOwner(path: string): string | null {
  const { uid } = lstatSync(path);
  return isOurs(uid) ? null : `${path} belongs to user ${uid}`;
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function directoriesAbove(path: string): string[] {
  const directories = [dirname(path)];
  for (let at = directories[0] ?? "/"; at !== dirname(at); at = dirname(at)) directories.push(dirname(at));
  return directories;
}

function firstOf(reasons: readonly (string | null)[]): string | null {
  return reasons.find((reason) => reason !== null) ?? null;
}
