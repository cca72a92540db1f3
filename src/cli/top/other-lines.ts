/** The lines above and below the tree, and the help in its place. */
import { printable } from "../../report/printable.ts";
import { cellsOf, shortenMiddle, toCells } from "./cells.ts";
import { helpLines, KEY_LINE } from "./keys.ts";
import type { Plan } from "./plan.ts";
import type { Line, Scene } from "./scene.ts";
import { headingLine } from "./tree-lines.ts";
import { daemonWords, detailWords, killWords, nextWords, noKillsWords, timeOf } from "./words.ts";

export function linesAbove(scene: Scene, plan: Plan): Line[] {
  return [
    ...(plan.title ? [titleLine(scene)] : []),
    ...(plan.next ? [nextLine(scene)] : []),
    ...(plan.headings ? [headingLine(scene.columns)] : []),
  ];
}

export function linesBelow(scene: Scene, plan: Plan): Line[] {
  return [
    ...(plan.kills > 0 ? killLines(scene, plan.kills - 1) : []),
    ...(plan.detail ? [detailLine(scene)] : []),
    ...(plan.keys ? [dim(KEY_LINE)] : []),
  ];
}

/** As many lines as there are for it. */
export function helpBody(height: number): Line[] {
  const lines = [
    "Lower badness dies first; at equal badness, the larger RSS. ✗ is next, → leads there.",
    "HELD: armed, the kernel's killer is held off; OOM!, tasks wait for memory.",
    ...helpLines(),
  ];
  return lines.slice(0, height).map((text) => ({ text, tone: null }));
}

function titleLine({ state, sight, columns, now }: Scene): Line {
  const right = `  by ${state.order}  ${timeOf(now)}`;
  const left = toCells(daemonWords(sight.daemon), Math.max(0, columns - cellsOf(right)));
  return { text: left + right, tone: "bold" };
}

function nextLine({ sight, top, next, columns }: Scene): Line {
  const line = sight.line(top);
  const isUnderOom = !("unreadable" in line) && line.underOom;
  const where = { top: top.path, title: shortPath(top.path, columns) };
  return { text: nextWords(where, next, isUnderOom), tone: isUnderOom ? "red" : null };
}

function killLines({ sight: { daemon }, columns }: Scene, count: number): Line[] {
  const shown = daemon.kills.slice(-count).map((kill) => killWords(kill, columns));
  const texts = shown.length === 0 ? [noKillsWords(daemon)] : shown;
  return [dim("RECENT KILLS"), ...texts.map((text) => ({ text, tone: null }))];
}

function detailLine({ state, sight, columns }: Scene): Line {
  return dim(detailWords(shortPath(state.cursor, columns), sight.line(sight.nearest(state.cursor))));
}

/** Leaves room for what is said of it. */
function shortPath(path: string, columns: number): string {
  return shortenMiddle(printable(path), Math.floor(columns / 3));
}

function dim(text: string): Line {
  return { text, tone: "dim" };
}
