/** What the xattrs of a memcg's directory say, and which of it counts. */
import { quoted } from "../config/fault.ts";
import { badness, killUnit, milliseconds, type ValueType } from "../config/values.ts";
import type { Preference } from "../hierarchy/types.ts";
import { statDirectory } from "../kernel/read.ts";
import { type DirectoryXattrs, readXattrs, type XattrValue } from "../kernel/xattr.ts";
import { type MemcgPriority, type MemcgXattrs, NO_XATTRS } from "./memcg-badness.ts";
import type { Sourced } from "./sourced.ts";

/** Who may set it: root alone, or the owner of the directory too. */
export type Namespace = "trusted" | "user";
export const NAMESPACES: readonly Namespace[] = ["trusted", "user"];

/** For each value of a memcg the end of its xattr's name, and what it takes. */
export const ATTRIBUTES: {
  readonly [Key in keyof MemcgPriority]: {
    readonly suffix: string;
    readonly type: ValueType<MemcgPriority[Key]["value"]>;
  };
} = {
  badness: { suffix: "oom_badness", type: badness },
  kill: { suffix: "oom_kill", type: killUnit },
  delayMs: { suffix: "oom_delay_ms", type: milliseconds },
};
export const KEYS = Object.keys(ATTRIBUTES) as readonly (keyof MemcgPriority)[];

/** What oomd and systemd-oomd know: that it is there is all it says. The first that is found counts. */
const PREFERENCES: readonly Preference[] = ["prefer", "avoid"];

const NAMES = NAMESPACES.flatMap((namespace) => [
  ...KEYS.map((key) => xattrName(namespace, key)),
  ...PREFERENCES.map((preference) => `${namespace}.oomd_${preference}`),
]);

/** `user.oom_badness`, and so on: also what a value gives as its source. */
export function xattrName(namespace: Namespace, key: keyof MemcgPriority): string {
  return `${namespace}.${ATTRIBUTES[key].suffix}`;
}

/** A value that is set and does not count. */
export interface IgnoredXattr {
  readonly name: string;
  /** As it is set; not safe to print. */
  readonly value: string;
  readonly reason: string;
}

/** What counts, and what does not and why. */
export interface JudgedXattrs extends MemcgXattrs {
  /** User id of the directory's owner, or null while it is unknown. */
  readonly owner: number | null;
  readonly preference: Preference | null;
  readonly ignored: readonly IgnoredXattr[];
}

/** Of a directory that is gone, or not read yet. */
export const UNKNOWN_XATTRS: JudgedXattrs = { ...NO_XATTRS, owner: null, preference: null, ignored: [] };

/** Reads and judges; null if the memcg is gone. Throws KernelError, as EMFILE. */
export function readMemcgXattrs(directory: string, parentOwner: number | null): JudgedXattrs | null {
  const found = readXattrs(directory, NAMES);
  return found === null ? null : judgeXattrs(found, parentOwner);
}

/** User id of a directory's owner, or null if it is gone. */
export function ownerOf(directory: string): number | null {
  return statDirectory(directory)?.uid ?? null;
}

/** `parentOwner` is null for the root memcg, which nobody delegated. */
export function judgeXattrs({ owner, values }: DirectoryXattrs, parentOwner: number | null): JudgedXattrs {
  const ignored: IgnoredXattr[] = [];
  const layer = (namespace: Namespace): Partial<MemcgPriority> => {
    const whyNotCounted = namespace === "user" ? whyNotRanked(owner, parentOwner) : null;
    return Object.fromEntries(
      KEYS.flatMap((key) => {
        const name = xattrName(namespace, key);
        const judged = judge(values.get(name), ATTRIBUTES[key].type, whyNotCounted);
        if (judged === null) return [];
        if (!("reason" in judged)) return [[key, { value: judged.value, source: name } satisfies Sourced<unknown>]];
        ignored.push({ name, ...judged });
        return [];
      }),
    );
  };
  const [trusted, user] = [layer("trusted"), layer("user")];
  const reason = whyNotRanked(owner, parentOwner);
  const counting = reason === null ? NAMESPACES : NAMESPACES.filter((namespace) => namespace === "trusted");
  const preference = PREFERENCES.find((each) => counting.some((namespace) => values.has(`${namespace}.oomd_${each}`)));
  const uncounted = PREFERENCES.map((each) => `user.oomd_${each}`).filter(
    (name) => reason !== null && values.has(name),
  );
  // Being there is all they say.
  for (const name of uncounted) ignored.push({ name, value: "", reason: reason ?? "" });
  return { trusted, user, owner, preference: preference ?? null, ignored };
}

/** The delegation rule: the top of a delegated subtree belongs to whoever delegated it. */
function whyNotRanked(owner: number, parentOwner: number | null): string | null {
  if (owner === 0 || owner === parentOwner) return null;
  const parent = parentOwner === null ? "it has no parent" : `its parent to user ${parentOwner}, who ranks it`;
  return `the memcg belongs to user ${owner} and ${parent}`;
}

function judge(
  found: XattrValue | undefined,
  type: ValueType<unknown>,
  whyNotCounted: string | null,
): { readonly value: unknown } | Omit<IgnoredXattr, "name"> | null {
  if (found === undefined) return null;
  if ("longerThan" in found) {
    const reason = whyNotCounted ?? `expected ${type.expected}, got more than ${found.longerThan} bytes`;
    return { value: "", reason };
  }
  const value = found.text;
  if (whyNotCounted !== null) return { value, reason: whyNotCounted };
  const parsed = type.parse(value);
  return "wrong" in parsed ? { value, reason: parsed.wrong } : parsed;
}

/** An ignored value as one line, safe to print. */
export function describeIgnored({ name, value, reason }: IgnoredXattr): string {
  return `${name}${value === "" ? "" : ` ${quoted(value)}`} is ignored: ${reason}`;
}
