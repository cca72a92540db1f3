/** One memcg with all that is set on it, for those who set and show it; the daemon is not needed. */
import { MemcgBadness, type MemcgPriority } from "../badness/memcg-badness.ts";
import { type IgnoredXattr, type JudgedXattrs, ownerOf, readMemcgXattrs } from "../badness/xattrs.ts";
import type { Config } from "../config/types.ts";
import { PROTECTED } from "../hierarchy/types.ts";
import { fromPrinted } from "../kernel/path.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";

/** A memcg as somebody named it. */
export interface MemcgView {
  readonly path: string;
  readonly directory: string;
  readonly xattrs: JudgedXattrs;
}

/** What `tree` and `get` print of it as JSON. */
export interface PriorityJson {
  readonly memcg: string;
  readonly badness: number;
  /** `FILE:LINE`, the name of an xattr, or `default`. */
  readonly badnessFrom: string;
  readonly kill: string;
  readonly killFrom: string;
  readonly delayMs: number;
  readonly delayFrom: string;
  /** Xattrs that are set and do not count. */
  readonly ignored: readonly IgnoredXattr[];
}

/** What the values of a memcg are called on a screen. */
export const WORDS = { badness: "badness", kill: "kill", delayMs: "delay" } as const;

/** A value as it is shown on a screen. */
export function printValue(priority: MemcgPriority, key: keyof MemcgPriority): string {
  const { value } = priority[key];
  if (key === "badness" && value === PROTECTED) return "never";
  return key === "delayMs" ? `${value} ms` : `${value}`;
}

/** Throws CommandFailed where there is none. */
export function viewMemcg({ mountPoint }: Pick<Context, "mountPoint">, memcg: string): MemcgView {
  const path = memcgPath(memcg);
  const view = viewPath(mountPoint, path) ?? viewPath(mountPoint, fromPrinted(path));
  if (view === null) throw new CommandFailed(`there is no memcg ${memcg} below ${mountPoint}`);
  return view;
}

function viewPath(mountPoint: string, path: string): MemcgView | null {
  const directory = path === "/" ? mountPoint : mountPoint + path;
  const parent = path === "/" ? null : directory.slice(0, directory.lastIndexOf("/"));
  const xattrs = readMemcgXattrs(directory, parent === null ? null : ownerOf(parent));
  return xattrs === null ? null : { path, directory, xattrs };
}

export function priorityOf({ path, xattrs }: MemcgView, { memcgs, settings }: Config): MemcgPriority {
  return new MemcgBadness(memcgs, settings).of(path, xattrs);
}

export function priorityJson(
  path: string,
  { badness, kill, delayMs }: MemcgPriority,
  ignored: readonly IgnoredXattr[],
): PriorityJson {
  return {
    memcg: path,
    badness: badness.value,
    badnessFrom: badness.source,
    kill: kill.value,
    killFrom: kill.source,
    delayMs: delayMs.value,
    delayFrom: delayMs.source,
    ignored,
  };
}
