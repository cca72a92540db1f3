/** Whether a file can be trusted with being run as ourselves. */
import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

const WRITABLE_BY_OTHERS = 0o022;
/** In a directory such as /tmp nobody can replace what is another's. Of a file it says nothing. */
const STICKY = 0o1000;
/** As the kernel has it (MAXSYMLINKS). */
const MOST_LINKS = 40;

/**
 * Null, or why not: it is no regular file, or somebody other than root and ourselves can change it, or put another in its
 * place, in any directory and by any link on the way to it.
 */
export function whyNotTrusted(path: string): string | null {
  try {
    const steps = stepsTo(path);
    if (steps.at(-1)?.facts.isFile() !== true) return "it is no regular file";
    return steps.map(whyNot).findLast((reason) => reason !== null) ?? null;
  } catch (error) {
    return `cannot read it: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Tells one version of a file from another. */
export function fileVersion(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino}-${size}-${mtimeNs}`;
}

interface Step {
  readonly path: string;
  readonly facts: Stats;
}

/** Every directory and every link that the kernel passes through from the root, and at last the file. */
function stepsTo(path: string): Step[] {
  const steps: Step[] = [{ path: "/", facts: lstatSync("/") }];
  const names = namesIn(path);
  let links = 0;
  let at = "/";
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === "..") at = dirname(at);
    if (name === "." || name === "..") continue;
    const next = `${at === "/" ? "" : at}/${name}`;
    const facts = lstatSync(next);
    steps.push({ path: next, facts });
    const target = facts.isSymbolicLink() ? readlinkSync(next) : null;
    if (target === null) at = next;
    else {
      if (++links > MOST_LINKS) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
      if (target.startsWith("/")) at = "/";
      names.unshift(...namesIn(target));
    }
  }
  return steps;
}

function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function whyNot({ path, facts }: Step): string | null {
  const { uid, mode } = facts;
  if (uid !== 0 && uid !== process.geteuid?.()) return `${path} belongs to user ${uid}`;
  const isKept = facts.isSymbolicLink() || (facts.isDirectory() && (mode & STICKY) !== 0);
  return !isKept && (mode & WRITABLE_BY_OTHERS) !== 0 ? `${path} can be written by others than its owner` : null;
}
