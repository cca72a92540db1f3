import { Priorities } from "../badness/priorities.ts";
import { printFault } from "../config/fault.ts";
import { readConfig } from "../config/read-config.ts";
import type { Config } from "../config/types.ts";
import { type LiveMemcg, liveHierarchy } from "../hierarchy/live.ts";
import { MemcgTree } from "../hierarchy/tree.ts";
import { CommandFailed, type Context, memcgPath } from "./context.ts";

/** The hierarchy below a memcg as the daemon would see it now. */
export interface LiveView {
  readonly root: LiveMemcg;
  readonly tree: MemcgTree;
  readonly priorities: Priorities;
}

/**
 * Reads the kernel itself, so that a command never costs the daemon time; badness comes from the daemon's running
 * configuration, or from the files where there is no daemon.
 */
export async function liveView(context: Context, memcg: string): Promise<LiveView> {
  const [status, running] = await Promise.all([
    context.tryAsk<{ pid: number; failsafePid: number }>("/status"),
    context.tryAsk<Config>("/config"),
  ]);
  const priorities = new Priorities(running ?? configFromFiles());
  const own = new Set([status?.pid, status?.failsafePid]);
  const tree = new MemcgTree(context.mountPoint, false);
  const node = tree.find(memcgPath(memcg));
  if (node === null) throw new CommandFailed(`there is no memcg ${memcg} below ${tree.mountPoint}`);
  const root = liveHierarchy(tree, node, {
    memcg: (at) => priorities.memcg(at),
    process: (facts) => priorities.process(facts),
    isExcluded: (pid) => own.has(pid),
  });
  return { root, tree, priorities };
}

function configFromFiles(): Config {
  const read = readConfig(null);
  if (read.kind === "good") return read.config;
  throw new CommandFailed(read.faults.map(printFault).join("\n"), 78);
}
