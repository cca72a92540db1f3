import type { Ranks } from "../hierarchy/live.ts";
import type { MemcgTree, TreeNode } from "../hierarchy/tree.ts";
import { lockHolder } from "../kernel/lock-holder.ts";
import { readPids } from "../kernel/memcg.ts";
import { readMemcgPath } from "../kernel/process.ts";
import { statDirectory } from "../kernel/read.ts";
import type { Spared } from "../kill/census.ts";
import { type KillAllResult, killAll as killSubtree } from "../kill/kill-all.ts";
import type { Left } from "../kill/unfinished.ts";
import { printable, printablePath } from "../report/printable.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";
import { findMemcg, liveRanks } from "./live.ts";
import { tellKilled } from "./tell-killed.ts";

export interface KillAllCommand {
  readonly includeProtected?: boolean;
  /** ms */
  readonly timeout: number;
}

/** A daemon that is stopped must not hold up what may be the way out. */
const PATIENCE_MS = 1_000;
const LONGEST_MS = 3_600_000;
const SHOWN = 5;

/** `badnessctl kill-all MEMCG`: works without the daemon, and while the memcg is out of memory. */
export async function killAll(context: Context, memcg: string, options: KillAllCommand): Promise<void> {
  if (memcgPath(memcg) === "/") throw new CommandFailed("cannot kill all of /: that is the whole machine", 2);
  const { tree, node } = findMemcg(context, memcg);
  refuseForeign(tree, node);
  refuseOwnPlace(tree, node);
  const includeProtected = options.includeProtected === true;
  const ranks = await ranksFor(context, includeProtected);
  const target = { tree, node, includeProtected, ranks };
  const result = await killSubtree(target, { timeoutMs: options.timeout, interrupted: interruption() });
  context.print(context.json ? JSON.stringify(asJson(result)) : inWords(result));
  const whyNotCounted = await tellKilled(context.runtimeDir, result.memcg, result.killed);
  if (whyNotCounted !== null) console.error(`badnessctl: ${printable(whyNotCounted)}`);
  const { left, trouble } = result;
  if (left.length + trouble.length > 0) throw new CommandFailed(whyUnfinished(result));
}

/** What `--timeout` takes. Throws CommandFailed. */
export function parseTimeout(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= LONGEST_MS) return value;
  throw new CommandFailed(`cannot wait for "${text}": expected 1..${LONGEST_MS} ms`, 2);
}

/** Ordinary users empty what is theirs; the kernel lets them kill only their own processes there in any case. */
function refuseForeign(tree: MemcgTree, { path }: TreeNode): void {
  const user = process.geteuid?.() ?? 0;
  const owner = statDirectory(tree.mountPoint + path)?.uid;
  if (user === 0 || owner === user) return;
  throw new CommandFailed(`cannot kill all of ${printablePath(path)}: it belongs to user ${owner}`, 77);
}

function refuseOwnPlace(tree: MemcgTree, { path }: TreeNode): void {
  const own = readMemcgPath("self") ?? "/";
  const what = `cannot kill all of ${printablePath(path)}`;
  if (`${own}/`.startsWith(`${path}/`)) throw new CommandFailed(`${what}: badnessctl runs in it; start it elsewhere`);
  // A list that does not show us does not show others, and what looks empty need not be.
  if (readPids(tree.mountPoint + own)?.includes(process.pid) !== true) {
    throw new CommandFailed(`${what}: badnessctl runs in another pid or cgroup namespace than ${tree.mountPoint}`);
  }
}

/** Where everybody is to die, nobody needs to be asked who is protected, and no broken file is in the way. */
async function ranksFor(context: Context, includeProtected: boolean): Promise<Ranks> {
  const own = new Set([process.pid, ...daemonPids(context)]);
  if (includeProtected) return { ...NOBODY_PROTECTED, isExcluded: (pid) => own.has(pid) };
  const { ranks } = await liveRanks(context, PATIENCE_MS);
  return { ...ranks, isExcluded: (pid, ...rest) => own.has(pid) || ranks.isExcluded(pid, ...rest) };
}

const NOBODY_PROTECTED = {
  memcg: () => ({ badness: { value: 0, source: "" }, kill: { value: "process", source: "" } }) as const,
  process: () => ({ value: 0, source: "" }),
};

/** badnessd and its failsafe, whether they answer or not. */
function daemonPids({ runtimeDir }: Context): number[] {
  return ["lock", "failsafe.lock"].flatMap((name) => lockHolder(`${runtimeDir}/${name}`) ?? []);
}

/** The way to end it early. The terminal may be among the dead: that ends nothing. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => controller.abort());
  process.on("SIGHUP", () => {});
  return controller.signal;
}

function asJson({ memcg, killed, left, spared, trouble, tookMs }: KillAllResult): object {
  return {
    memcg,
    killed: killed.length,
    tookMs: Math.round(tookMs * 10) / 10,
    left: left.length,
    spared: spared.length,
    leftProcesses: left,
    sparedProcesses: spared.map(({ task: { pid, comm }, why }) => ({ pid, comm, why })),
    trouble,
  };
}

function inWords({ memcg, killed, spared, tookMs }: KillAllResult): string {
  const processes = killed.length === 1 ? "1 process" : `${killed.length} processes`;
  const line = `${printablePath(memcg)}: killed ${processes} in ${tookMs.toFixed(0)} ms`;
  if (spared.length === 0) return line;
  const shown = spared
    .slice(0, SHOWN)
    .map(({ task, why }: Spared) => `${task.pid} (${printable(task.comm)}, ${printable(why)})`);
  return `${line}, spared ${spared.length}: ${andMore(shown, spared.length)}`;
}

function whyUnfinished({ memcg, left, trouble, tookMs }: KillAllResult): string {
  const shown = left
    .slice(0, SHOWN)
    .map(({ pid, comm, why }: Left) => `${pid} (${printable(comm ?? "?")}, ${printable(why)})`);
  const who = left.length === 0 ? [] : [`${left.length} left: ${andMore(shown, left.length)}`];
  return `${printablePath(memcg)} is not empty after ${tookMs.toFixed(0)} ms: ${[...trouble, ...who].join("; ")}`;
}

function andMore(shown: readonly string[], count: number): string {
  return shown.join(", ") + (count > shown.length ? ` and ${count - shown.length} more` : "");
}
