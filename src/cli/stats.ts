import { DaemonRefuses } from "../control/client.ts";
import { fromPrinted } from "../kernel/path.ts";
import { statDirectory } from "../kernel/read.ts";
import { Counters, type MemcgCounters } from "../report/counters.ts";
import { countersFile, readCounters } from "../report/counters-file.ts";
import { printablePath } from "../report/printable.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";

/** `badnessctl stats [MEMCG]`: the daemon's counters, or where none runs those that the last one has left. */
export async function stats(context: Context, memcg: string | undefined): Promise<void> {
  const path = memcg === undefined ? null : memcgPath(memcg);
  const memcgs = (await fromDaemon(context, path)) ?? fromFile(context, path);
  if (context.json) for (const counters of withRoot(memcgs, path)) context.print(JSON.stringify(counters));
  else context.print(memcgs.length === 0 ? "nobody was killed" : draw(memcgs));
}

/** A script that sums up has the root to go by, also where nobody has counted anything yet: zeros are an answer. */
function withRoot(memcgs: readonly MemcgCounters[], asked: string | null): readonly MemcgCounters[] {
  const isComplete = asked !== null || memcgs.some(({ memcg }) => memcg === "/");
  return isComplete ? memcgs : [new Counters(() => null).of("/"), ...memcgs];
}

async function fromDaemon(context: Context, memcg: string | null): Promise<readonly MemcgCounters[] | null> {
  const query = memcg === null ? "" : `?memcg=${encodeURIComponent(memcg.toWellFormed())}`;
  try {
    const answer = await context.tryAsk<{ readonly memcgs: readonly MemcgCounters[] }>(`/stats${query}`);
    return answer?.memcgs ?? null;
  } catch (error) {
    if (error instanceof DaemonRefuses) throw new CommandFailed(error.message);
    throw error;
  }
}

function fromFile(context: Context, memcg: string | null): readonly MemcgCounters[] {
  const counters = new Counters(() => null, readFile(context));
  const all = counters.all();
  if (memcg === null) return all;
  const isKnown = (path: string) =>
    all.some((one) => one.memcg === path) || statDirectory(context.mountPoint + path) !== null;
  const known = [memcg, fromPrinted(memcg)].find(isKnown);
  if (known === undefined) throw new CommandFailed(`there is no memcg ${memcg}`);
  return [counters.of(known)];
}

function readFile({ runtimeDir }: Context) {
  try {
    return readCounters(runtimeDir)?.memcgs ?? [];
  } catch (cause) {
    throw new CommandFailed(`${countersFile(runtimeDir)} is broken: ${(cause as Error).message}`, 1, cause);
  }
}

const HEADINGS = ["MEMCG", "LOCAL", "HIERARCHICAL", "LIMIT", "SYSTEM", "USER", "OOM", "EXPIRED", "NO VICTIM"];
const NOTE = "LIMIT, SYSTEM, USER: why those of the hierarchy died, by the handler + by the kernel";

function draw(memcgs: readonly MemcgCounters[]): string {
  const rows = [HEADINGS, ...memcgs.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const align = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return [...rows.map((row) => row.map(align).join("  ")), NOTE].join("\n");
}

function rowOf({ memcg, local, hierarchical, byCause, oom, delayExpired, noVictim }: MemcgCounters): string[] {
  const causes = [byCause.memcg, byCause.system, byCause.user].map(({ handler, kernel }) => `${handler}+${kernel}`);
  const happenings = [oom, delayExpired, noVictim].map(String);
  return [printablePath(memcg), `${local}`, `${hierarchical}`, ...causes, ...happenings];
}
