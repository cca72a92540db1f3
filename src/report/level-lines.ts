import type { Candidate, Level, Loser, Victim } from "../select/types.ts";
import { foldLosers, printCount, sortLosers } from "./losers.ts";
import { printable, printablePath } from "./printable.ts";
import { badnessOf, explainLoser, knownSize } from "./reasons.ts";
import { printSize } from "./sizes.ts";
import type { Line, Row } from "./table.ts";

/** More than fit on a screen are counted. */
const SHOWN = 10;
const NAME_WIDTH = 44;

/** One level as lines: where, who was taken, and who was not and why. */
export function levelLines(level: Level, victim: Victim | null, whole: boolean): Line[] {
  const heading: Line = { tone: "heading", text: printablePath(level.memcg.path) };
  return [heading, ...takenLines(level, victim), ...loserLines(level, whole)];
}

function takenLines(level: Level, victim: Victim | null): Line[] {
  const { chosen, memcg } = level;
  if (level.group && victim?.kind === "memcg") return groupLines(level, victim);
  if (chosen === null) return [{ tone: "note", text: "  nobody here may be killed" }];
  const row = rowOf(memcg.path, chosen, printable(level.why));
  if (chosen.kind === "memcg") return [{ tone: "chosen", row: { ...row, mark: "→" } }];
  return [{ tone: "victim", row: { ...row, mark: "✗", why: `dies: ${row.why}` } }];
}

function groupLines({ memcg }: Level, { tasks }: Extract<Victim, { kind: "memcg" }>): Line[] {
  const shown = tasks.slice(0, SHOWN).map((task): Line => {
    const row = rowOf(memcg.path, { kind: "process", task }, "dies with its group");
    return { tone: "victim", row: { ...row, mark: "✗" } };
  });
  const folded = tasks.length - shown.length;
  return folded === 0 ? shown : [...shown, { tone: "victim", row: noteRow(`… and ${printCount(folded)} more die`) }];
}

function loserLines({ memcg, chosen, losers }: Level, whole: boolean): Line[] {
  const sorted = sortLosers(losers);
  // A fold of one would take the line that the one itself takes.
  const count = whole || sorted.length === SHOWN + 1 ? sorted.length : SHOWN;
  const shown = sorted.slice(0, count).map((loser): Line => {
    return { tone: "loser", row: rowOf(memcg.path, loser.candidate, printable(explainLoser(loser, chosen))) };
  });
  const rest: Loser[] = sorted.slice(count);
  return rest.length === 0 ? shown : [...shown, { tone: "note", text: `  ${foldLosers(rest)}` }];
}

function rowOf(top: string, candidate: Candidate, why: string): Row {
  const size = knownSize(candidate);
  return {
    mark: "",
    what: nameOf(top, candidate),
    badness: `${badnessOf(candidate)}`,
    size: size === null ? "–" : `${size.isCeiling ? "≤ " : ""}${printSize(size.bytes)}`,
    why,
  };
}

function noteRow(what: string): Row {
  return { mark: "", what, badness: "", size: "", why: "" };
}

function nameOf(top: string, candidate: Candidate): string {
  if (candidate.kind === "process") return shorten(`process ${candidate.task.pid} ${printable(candidate.task.comm)}`);
  const below = candidate.memcg.path.slice(top === "/" ? 1 : top.length + 1);
  return shorten(`memcg ${printable(below)}`);
}

function shorten(name: string): string {
  return name.trimEnd().length <= NAME_WIDTH ? name.trimEnd() : `${name.slice(0, NAME_WIDTH - 1)}…`;
}
