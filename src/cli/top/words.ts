/** What the lines around the tree say. Names in it are as they are: the screen makes every line safe to print. */
import { describeIgnored } from "../../badness/xattrs.ts";
import { printable } from "../../report/printable.ts";
import { printSize } from "../../report/sizes.ts";
import type { Victim } from "../../select/types.ts";
import type { TreeLine } from "../tree.ts";
import { cellsOf, shortenMiddle } from "./cells.ts";
import { printBadness } from "./columns.ts";
import type { Kill } from "./kills.ts";
import type { DaemonSight } from "./listener.ts";
import type { Next, Unreadable } from "./sight.ts";

export function daemonWords({ status, goneSince }: DaemonSight): string {
  if (status === null) return "no badnessd: the settings are those of its files";
  if (goneSince !== null) return `badnessd is gone since ${timeOf(goneSince)}: its last settings`;
  const { version, ready, armed, dryRun } = status;
  return `badnessd ${version}${ready ? "" : " is starting"}, ${armed.length} armed${dryRun ? ", dry run: kills nobody" : ""}`;
}

/** `title`: the path of `top` as there is room for it. */
export function nextWords(
  { top, title }: { readonly top: string; readonly title: string },
  { victim, policy, unknown }: Next,
  isUnderOom: boolean,
): string {
  const where = isUnderOom ? `${title} is OUT OF MEMORY, next to die` : `Next to die in ${title}`;
  if (unknown !== undefined) return `${where}: not known, ${unknown}`;
  if (victim === null) return `${where}: nobody may be killed`;
  return `${where}${policy === null ? "" : ` by ${policy}`}: ${victimWords(victim, top)}`;
}

function victimWords(victim: Victim, top: string): string {
  if (victim.kind === "memcg") {
    const { path, badness } = victim.memcg;
    return `all ${victim.tasks.length} processes${within(path, top)}, badness ${printBadness(badness)}`;
  }
  const { pid, comm, memcg, badness, rssBytes } = victim.task;
  return `process ${pid} (${comm})${within(memcg, top)}, badness ${printBadness(badness)}, ${printSize(rssBytes)}`;
}

function within(path: string, top: string): string {
  return path === top ? "" : ` of ${path.slice(top === "/" ? 1 : top.length + 1)}`;
}

/** The victim in the row of its memcg. */
export function shortVictim(victim: Victim): string {
  return victim.kind === "memcg" ? `all ${victim.tasks.length}` : `${victim.task.pid} ${victim.task.comm}`.trimEnd();
}

/** All about the memcg under the cursor that has no column. */
export function detailWords(path: string, line: TreeLine | Unreadable): string {
  if ("unreadable" in line) return `${path}: ${line.unreadable}`;
  const { badness, badnessFrom, kill, killFrom, delayMs, delayFrom, ignored } = line;
  const values = [
    `badness ${printBadness(badness)} (${badnessFrom})`,
    `kill ${kill}${unlessDefault(killFrom)}`,
    `delay ${delayMs} ms${unlessDefault(delayFrom)}`,
    ...ignored.map(describeIgnored),
  ];
  return `${path}: ${values.join(", ")}`;
}

function unlessDefault(source: string): string {
  return source === "default" ? "" : ` (${source})`;
}

/** What stands where no kill is to be shown. */
export function noKillsWords({ status, goneSince }: DaemonSight): string {
  if (status === null) return "  not known: they are told by badnessd, and none answers";
  return goneSince === null ? "  none" : "  none before badnessd was gone";
}

/** One kill in so many cells; the path, which is last, is what is shortened. */
export function killWords(kill: Kill, cells: number): string {
  const at = new Date(kill.time);
  const day = `${`${at.getMonth() + 1}`.padStart(2, "0")}-${`${at.getDate()}`.padStart(2, "0")}`;
  const { what, memcg } = killed(kill);
  const words = `  ${day} ${timeOf(at.getTime())}  ${printable(what)}`;
  if (memcg === null) return words;
  return `${words} of ${shortenMiddle(printable(memcg), Math.max(SHORTEST_PATH, cells - cellsOf(words) - 4))}`;
}

const SHORTEST_PATH = 8;

/** Who was killed, and the memcg that they were in. */
function killed(kill: Kill): { readonly what: string; readonly memcg: string | null } {
  switch (kill.type) {
    case "kill":
      return killedByUs(kill);
    case "kernel-kill": {
      const { pid, comm, memcg, cause } = kill;
      const why = cause === "system" ? " (the system was out of memory)" : "";
      return { what: `the kernel killed ${pid === null ? "a process" : `${pid} (${comm})`}${why}`, memcg };
    }
    case "user-kill":
      return { what: `kill-all killed ${kill.victims.length}`, memcg: kill.memcg };
  }
}

function killedByUs({ victims, missed, dryRun, memcg }: Extract<Kill, { type: "kill" }>): ReturnType<typeof killed> {
  const [first = missed[0]] = victims;
  if (first === undefined) return { what: "killed nobody", memcg };
  const did = victims.length === 0 ? "could not kill" : dryRun ? "dry run, would kill" : "killed";
  const more = victims.length > 1 ? `, and ${victims.length - 1} more` : "";
  const why = victims.length === 0 ? `: ${missed[0]?.why},` : "";
  return { what: `${did} ${first.pid} (${first.comm}), ${printSize(first.rssBytes)}${more}${why}`, memcg: first.memcg };
}

/** Local time of day. */
export function timeOf(msSinceEpoch: number): string {
  return new Date(msSinceEpoch).toTimeString().slice(0, 8);
}
