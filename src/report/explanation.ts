import type { Policy } from "../../policies/contract.ts";
import type { Level, Victim } from "../select/types.ts";
import { levelLines } from "./level-lines.ts";
import { printCount } from "./losers.ts";
import { printable, printableOom, printablePath } from "./printable.ts";
import { printSize } from "./sizes.ts";
import { type Line, printTable } from "./table.ts";

/** A decision as far as it is to be explained; without a victim, `levels` says why there is none. */
export interface Explained {
  readonly victim: Victim | null;
  /** The OOM memcg's first. */
  readonly levels: readonly Level[];
  /** Who decided; strict-priority, if it is not said. */
  readonly policy?: Pick<Policy, "name" | "summary">;
}

export interface ExplainOptions {
  readonly colour: boolean;
  /** Every candidate, however many there are. */
  readonly whole?: boolean;
}

/** More levels in a row than this, each with nothing to choose from, are counted. */
const FORCED_SHOWN = 3;
const BLANK: Line = { tone: "note", text: "" };

/** A decision for people, on one screen: level by level who was taken, who was not, and why. Reads nothing. */
export function explain({ victim, levels, policy }: Explained, { colour, whole = false }: ExplainOptions): string {
  const lines: Line[] = [
    { tone: "heading", text: `Out of memory: ${printableOom(levels[0]?.memcg.path ?? "/")}` },
    { tone: "heading", text: `Victim: ${describeVictim(victim)}` },
    { tone: "note", text: describePolicy(policy) },
    BLANK,
    { tone: "columns", row: { mark: "", what: "", badness: "badness", size: "RSS", why: "" } },
  ];
  for (const [index, part] of foldForced(levels).entries()) {
    if (index > 0) lines.push(BLANK);
    if (typeof part !== "number") lines.push(...levelLines(part, victim, whole));
    else lines.push({ tone: "note", text: `… ${printCount(part)} levels with one candidate each` });
  }
  return printTable(lines, colour);
}

function describePolicy(policy: Explained["policy"]): string {
  if (policy === undefined || policy.name === "strict-priority") return STRICT;
  return `Policy ${policy.name}: ${printable(policy.summary)}.`;
}

const STRICT = "Lower badness dies first; at equal badness, the larger RSS.";

/** Who dies, in one line. */
function describeVictim(victim: Victim | null): string {
  if (victim === null) return "none, for nobody here may be killed";
  if (victim.kind === "process") {
    const { pid, comm, memcg, badness, rssBytes } = victim.task;
    const name = comm === "" ? "" : ` (${printable(comm)})`;
    return `process ${pid}${name} of ${printablePath(memcg)}, badness ${badness}, ${printSize(rssBytes)}`;
  }
  const { memcg, tasks } = victim;
  const bytes = tasks.reduce((sum, task) => sum + task.rssBytes, 0);
  const count = tasks.length === 1 ? "1 process" : `${printCount(tasks.length)} processes`;
  return `all of ${printablePath(memcg.path)}: ${count}, ${printSize(bytes)}`;
}

/** Replaces long runs of levels on which there was nothing to choose by their number. */
function foldForced(levels: readonly Level[]): (Level | number)[] {
  const parts: (Level | number)[] = [];
  for (let start = 0, end = 0; start < levels.length; start = end) {
    while (isForced(levels[end])) end++;
    if (end - start > FORCED_SHOWN) parts.push(end - start);
    else parts.push(...levels.slice(start, end));
    parts.push(...levels.slice(end, end + 1));
    end++;
  }
  return parts;
}

function isForced(level: Level | undefined): boolean {
  return level?.chosen?.kind === "memcg" && level.losers.length === 0;
}
