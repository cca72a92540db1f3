import { remembering } from "../badness/inherited.ts";
import { type KnownXattrs, readWhenAsked } from "../badness/known-xattrs.ts";
import { Priorities } from "../badness/priorities.ts";
import { ProcessTable } from "../badness/process-table.ts";
import { ranksOf } from "../badness/ranks.ts";
import type { SetEntry } from "../badness/set-entry.ts";
import { peekEntries } from "../badness/set-entry-file.ts";
import { printFault } from "../config/fault.ts";
import { readConfig } from "../config/read-config.ts";
import type { Config } from "../config/types.ts";
import { type LiveMemcg, liveHierarchy, type Ranks } from "../hierarchy/live.ts";
import { MemcgTree, type TreeNode } from "../hierarchy/tree.ts";
import { readBootId, readRelative } from "../kernel/family.ts";
import { fromPrinted } from "../kernel/path.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";
import type { Status } from "./status.ts";

const NOT_PERMITTED = 77;

/** The hierarchy below a memcg as the daemon would see it now. */
export interface LiveView {
  readonly root: LiveMemcg;
  readonly tree: MemcgTree;
  readonly node: TreeNode;
  readonly ranks: Ranks;
  readonly priorities: Priorities;
}

/**
 * Reads the kernel itself, so that a command never costs the daemon time; badness comes from the daemon's running
 * configuration, or from the files where there is no daemon.
 */
export async function liveView(context: Context, memcg: string): Promise<LiveView> {
  const { priorities, ranks } = await liveRanks(context);
  const { tree, node } = findMemcg(context, memcg);
  return { root: liveHierarchy(tree, node, ranks), tree, node, ranks, priorities };
}

/** The badness of everything, and who is never chosen. */
export async function liveRanks(context: Context, patienceMs?: number): Promise<LiveRanks> {
  return ranksFrom(await askDaemon(context, patienceMs), readWhenAsked(context.mountPoint));
}

export interface LiveRanks {
  readonly priorities: Priorities;
  readonly ranks: Ranks;
}

/** What a daemon says of itself and of what it goes by; null where there is none, or none that answers in time. */
export interface FromDaemon {
  readonly status: Status | null;
  readonly config: Config | null;
  readonly processes: readonly SetEntry[];
}

export async function askDaemon(context: Context, patienceMs?: number): Promise<FromDaemon> {
  const [status, config, set] = await Promise.all([
    context.tryAsk<Status>("/status", patienceMs),
    context.tryAsk<Config>("/config", patienceMs),
    context.tryAsk<{ readonly processes: readonly SetEntry[] }>("/processes", patienceMs),
  ]);
  return { status, config, processes: set?.processes ?? readableEntries(context) };
}

/** Where no daemon says what it goes by, its files do. Throws CommandFailed if they are broken. */
export function ranksFrom({ status, config, processes }: FromDaemon, xattrs: KnownXattrs): LiveRanks {
  const priorities = new Priorities(config ?? configFromFiles(), xattrs, tableOf(processes));
  const own = new Set([status?.pid, status?.failsafePid]);
  return {
    priorities,
    ranks: ranksOf(
      () => priorities,
      (pid) => own.has(pid),
    ),
  };
}

/** What the running daemon goes by, or what the files say where there is none. Throws CommandFailed if they are broken. */
export async function configInForce(context: Context, patienceMs?: number): Promise<Config> {
  return (await context.tryAsk<Config>("/config", patienceMs)) ?? configFromFiles();
}

/** A memcg that somebody named, and the tree that it is in. Throws CommandFailed where there is none. */
export function findMemcg(context: Context, memcg: string): { readonly tree: MemcgTree; readonly node: TreeNode } {
  const path = memcgPath(memcg);
  const tree = new MemcgTree(context.mountPoint, false);
  const node = tree.find(path) ?? tree.find(fromPrinted(path));
  if (node === null) throw new CommandFailed(`there is no memcg ${memcg} below ${tree.mountPoint}`);
  return { tree, node };
}

/** The badness of processes where no daemon says more. Throws CommandFailed if the files are broken. */
export function prioritiesOnRecord(context: Context): Priorities {
  return new Priorities(configFromFiles(), undefined, tableOf(entriesOnRecord(context)));
}

/** What was set on processes, as the last daemon has left it, or one that does not answer: a process keeps its value. */
function entriesOnRecord({ runtimeDir }: Context): readonly SetEntry[] {
  try {
    return peekEntries(runtimeDir, readBootId());
  } catch (cause) {
    const { message } = cause as Error;
    const what = `cannot tell which processes have a badness of their own: ${runtimeDir}: ${message}`;
    throw new CommandFailed(what, message.endsWith("EACCES") ? NOT_PERMITTED : 1, cause);
  }
}

/** Of a daemon that keeps to itself nothing is known here, its configuration neither. */
function readableEntries(context: Context): readonly SetEntry[] {
  try {
    return entriesOnRecord(context);
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === NOT_PERMITTED) return [];
    throw error;
  }
}

/** What the daemon has in its table, with what is inherited from there. */
function tableOf(entries: readonly SetEntry[]): ProcessTable {
  const table = new ProcessTable({ relative: readRelative, children: () => [] }, remembering(readRelative).of);
  for (const entry of entries) table.put(entry);
  return table;
}

/** The configuration where there is no daemon. */
export function configFromFiles(): Config {
  const read = readConfig(null);
  if (read.kind === "good") return read.config;
  throw new CommandFailed(read.faults.map(printFault).join("\n"), 78);
}
