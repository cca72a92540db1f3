import { describeIgnored } from "../badness/xattrs.ts";
import type { LiveMemcg } from "../hierarchy/live.ts";
import type { TreeNode } from "../hierarchy/tree.ts";
import type { Preference } from "../hierarchy/types.ts";
import { readFill, readOomControl } from "../kernel/memcg.ts";
import { decideInTurn } from "../policy/turns.ts";
import { printable } from "../report/printable.ts";
import { printSize } from "../report/sizes.ts";
import type { Victim } from "../select/types.ts";
import { CommandFailed, type Context } from "./context.ts";
import { type LiveView, liveView } from "./live.ts";
import { type PriorityJson, priorityJson } from "./memcg-view.ts";
import { paint } from "./paint.ts";
import { samplesFor } from "./samples.ts";
import type { Status } from "./status.ts";
import { turnsInForce } from "./turns.ts";

/** One memcg as `badnessctl tree --json` prints it, a line each. */
export interface TreeLine extends PriorityJson {
  readonly rssBytes: number;
  readonly usageBytes: number;
  /** Null: unlimited. */
  readonly limitBytes: number | null;
  /** How much of the limit `oom.relief` has lent. */
  readonly lentBytes: number;
  /** Of the xattrs oomd_prefer and oomd_avoid the one that is set, and counts. */
  readonly preference: Preference | null;
  /** oom_kill_disable is 1. */
  readonly armed: boolean;
  readonly underOom: boolean;
  /** Who would die if the memcg that was asked for ran out of memory now, or null. */
  readonly nextVictim: string | null;
}

/** v1 writes the largest multiple of a page for "unlimited". */
const UNLIMITED_BYTES = 2 ** 62;

/** `badnessctl tree [MEMCG]` */
export async function tree(context: Context, memcg: string): Promise<void> {
  const view = await liveView(context, memcg);
  const victim = await nextVictim(context, view);
  const status = await context.tryAsk<Status>("/status");
  const lines = Array.from(depthFirst(view.root), (at) => lineOf(at, view, victim, status?.lent));
  if (context.json) for (const line of lines) context.print(JSON.stringify(line));
  else context.print(draw(lines, view.root.path, context.colour));
}

/** A policy in force may be a module that this user cannot read: then nobody is marked. */
async function nextVictim(context: Context, view: LiveView): Promise<Victim | null> {
  try {
    const turns = turnsInForce(view, await samplesFor(context, view, {}));
    return decideInTurn(view.root, turns).choice?.victim ?? null;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.error(`badnessctl: the next victim is not known: ${printable(error.message)}`);
    return null;
  }
}

/** The memcg and all below it, siblings by path. */
export function* depthFirst(root: LiveMemcg): Generator<LiveMemcg> {
  const pending = [root];
  for (let memcg = pending.pop(); memcg !== undefined; memcg = pending.pop()) {
    yield memcg;
    pending.push(...[...memcg.children].sort((a, b) => (a.path < b.path ? 1 : -1)));
  }
}

/** Reads everything that is shown of a memcg. */
export function lineOf(
  memcg: LiveMemcg,
  { tree: directories, priorities }: Pick<LiveView, "tree" | "priorities">,
  victim: Victim | null,
  lent: Status["lent"] = [],
): TreeLine {
  const node = directories.find(memcg.path) as TreeNode;
  const directory = directories.directoryOf(node);
  const { usageBytes, limitBytes } = readFill(directory);
  const control = readOomControl(directory);
  return {
    ...priorityJson(memcg.path, priorities.memcg(node), priorities.ignored(node)),
    rssBytes: memcg.rssBytes,
    usageBytes,
    limitBytes: limitBytes >= UNLIMITED_BYTES ? null : limitBytes,
    lentBytes: lent.find((loan) => loan.memcg === memcg.path)?.bytes ?? 0,
    preference: memcg.preference,
    armed: control?.killDisable === true,
    underOom: control?.underOom === true,
    nextVictim: victimIn(memcg, victim),
  };
}

function victimIn(memcg: LiveMemcg, victim: Victim | null): string | null {
  if (victim?.kind === "process" && victim.task.memcg === memcg.path) {
    return `process ${victim.task.pid} ${victim.task.comm}`.trimEnd();
  }
  return victim?.kind === "memcg" && victim.memcg.path === memcg.path ? `all ${victim.tasks.length} processes` : null;
}

const PREFERRED = { prefer: "take it before its siblings", avoid: "take it after its siblings" } as const;
const HEADINGS = ["memcg", "badness", "from", "kill", "RSS", "usage / limit", "armed", ""];
/** Columns of numbers stand to the right. */
const TO_THE_RIGHT = new Set([1, 4, 5]);

function draw(lines: readonly TreeLine[], top: string, colour: boolean): string {
  const rows = [HEADINGS, ...lines.map((line) => cells(line, top))];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map((row) => {
    const aligned = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return TO_THE_RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
    });
    return aligned.join("  ").trimEnd();
  });
  const painted = text.map((line, index) => paint(line, toneOf(lines[index - 1]), colour));
  return painted.flatMap((line, index) => [line, ...notes(lines[index - 1], colour)]).join("\n");
}

/** Below a memcg stands what has no column: what is lent, what policies of oomd go by, what is set and does not count. */
function notes(line: TreeLine | undefined, colour: boolean): string[] {
  if (line === undefined) return [];
  const { lentBytes, preference, ignored } = line;
  const texts = [
    ...(lentBytes > 0 ? [`${printSize(lentBytes)} of this limit are lent`] : []),
    ...(preference === null ? [] : [`oomd_${preference} is set: oomd's policies ${PREFERRED[preference]}`]),
    ...ignored.map(describeIgnored),
  ];
  return texts.map((text) => paint(`    ${text}`, "dim", colour));
}

function toneOf(line: TreeLine | undefined): "dim" | "bold" | "red" | null {
  if (line === undefined) return "dim";
  if (line.nextVictim !== null) return "red";
  return line.underOom ? "bold" : null;
}

function cells(line: TreeLine, top: string): string[] {
  const below = line.memcg === top ? "" : line.memcg.slice(top === "/" ? 1 : top.length + 1);
  const names = below.split("/");
  const name = below === "" ? top : `${"  ".repeat(names.length)}${names.at(-1)}`;
  const limit = line.limitBytes === null ? "–" : printSize(line.limitBytes);
  const armed = line.underOom ? "OUT OF MEMORY" : line.armed ? "armed" : "";
  const next = line.nextVictim === null ? "" : `◀ next victim: ${printable(line.nextVictim)}`;
  const badness = line.badness === 10_000 ? "never" : `${line.badness}`;
  const fill = `${printSize(line.usageBytes)} / ${limit}`;
  return [printable(name), badness, line.badnessFrom, line.kill, printSize(line.rssBytes), fill, armed, next];
}
