/** `badnessctl set MEMCG`: writes xattrs of the memcg's directory, and says so if what was written will not count. */
import type { MemcgPriority } from "../badness/memcg-badness.ts";
import { ATTRIBUTES, describeIgnored, KEYS, NAMESPACES, type Namespace, xattrName } from "../badness/xattrs.ts";
import type { Config } from "../config/types.ts";
import { removeXattr, writeXattr } from "../kernel/xattr.ts";
import { printable } from "../report/printable.ts";
import { CommandFailed, type Context } from "./context.ts";
import { configInForce } from "./live.ts";
import { type MemcgView, printValue, priorityJson, priorityOf, viewMemcg, WORDS } from "./memcg-view.ts";

export interface SetMemcgOptions {
  readonly kill?: string;
  readonly delayMs?: string;
  /** Write trusted.* or user.*, whoever we are. */
  readonly trusted?: boolean;
  readonly user?: boolean;
}

/** Takes a value away. */
const DEFAULT = "default";
/** A daemon that hangs must not keep us. */
const PATIENCE_MS = 1_000;

/** What is to be written; `default` removes. */
type Wanted = Partial<Record<keyof MemcgPriority, string>>;

export async function setMemcg(
  context: Context,
  memcg: string,
  value: string | undefined,
  options: SetMemcgOptions,
): Promise<void> {
  const wanted = checked({
    ...(value !== undefined && { badness: value }),
    ...(options.kill !== undefined && { kill: options.kill }),
    ...(options.delayMs !== undefined && { delayMs: options.delayMs }),
  });
  const namespace = namespaceOf(options);
  const { directory } = viewMemcg(context, memcg);
  for (const key of KEYS) write(directory, xattrName(namespace, key), wanted[key]);
  await report(context, viewMemcg(context, memcg), wanted, namespace);
}

async function report(context: Context, view: MemcgView, wanted: Wanted, namespace: Namespace): Promise<void> {
  const config = await tryConfig(context);
  if (config === null) return warn("it is set, but whether it counts cannot be told: the configuration is broken");
  const priority = priorityOf(view, config);
  for (const warning of warnings(view, priority, wanted, namespace)) warn(warning);
  if (context.json) return context.print(JSON.stringify(priorityJson(view.path, priority, view.xattrs.ignored)));
  const keys = KEYS.filter((key) => wanted[key] !== undefined);
  const values = keys.map((key) => `${WORDS[key]} ${printValue(priority, key)} (${printable(priority[key].source)})`);
  context.print(`${printable(view.path)}: ${values.join(", ")}`);
}

async function tryConfig(context: Context): Promise<Config | null> {
  try {
    return await configInForce(context, PATIENCE_MS);
  } catch (error) {
    if (error instanceof CommandFailed) return null;
    throw error;
  }
}

function warn(text: string): void {
  console.error(`badnessctl: warning: ${text}`);
}

/** All of it, before any of it is written. Throws CommandFailed. */
function checked(wanted: Wanted): Wanted {
  if (Object.keys(wanted).length === 0) throw new CommandFailed("name a value, or --kill, or --delay-ms", 2);
  for (const key of KEYS) {
    const text = wanted[key];
    const parsed = text === undefined || text === DEFAULT ? null : ATTRIBUTES[key].type.parse(text);
    if (parsed !== null && "wrong" in parsed) throw new CommandFailed(`${parsed.wrong}; or "${DEFAULT}" for none`, 2);
  }
  return wanted;
}

/** Root's user.* would not count at the top of what root has delegated, and may be changed by whoever owns it. */
function namespaceOf({ trusted, user }: SetMemcgOptions): Namespace {
  if (trusted === true && user === true) throw new CommandFailed("--trusted and --user exclude each other", 2);
  if (trusted === true || user === true) return trusted === true ? "trusted" : "user";
  return process.geteuid?.() === 0 ? "trusted" : "user";
}

function write(directory: string, name: string, text: string | undefined): void {
  if (text === DEFAULT) removeXattr(directory, name);
  else if (text !== undefined) writeXattr(directory, name, text);
}

/** Whatever of it does not hold now, and why. */
function warnings(view: MemcgView, priority: MemcgPriority, wanted: Wanted, namespace: Namespace): string[] {
  return KEYS.flatMap((key) => {
    const name = xattrName(namespace, key);
    const { source } = priority[key];
    const isOther = NAMESPACES.some((other) => other !== namespace && source === xattrName(other, key));
    if (wanted[key] === undefined || source === name || (wanted[key] === DEFAULT && !isOther)) return [];
    const ignored = view.xattrs.ignored.find((one) => one.name === name);
    if (ignored !== undefined) return describeIgnored(ignored);
    const instead = `${printable(source)} says ${printValue(priority, key)}`;
    return wanted[key] === DEFAULT ? `but ${instead}` : `${name} does not count: ${instead}`;
  });
}
