/** `badnessctl explain --snapshot FILE…`: decides over files, with neither root nor daemon nor cgroups. */
import { strictPriority } from "../../policies/strict-priority.ts";
import { type Fault, printFault } from "../config/fault.ts";
import { decodeText } from "../config/text.ts";
import { readRegularFile } from "../kernel/files.ts";
import { decisionJson } from "../report/decision-json.ts";
import { explain } from "../report/explanation.ts";
import { printable } from "../report/printable.ts";
import type { Choice } from "../select/types.ts";
import { rank } from "../select/walk.ts";
import { parseSnapshot } from "../snapshot/read.ts";
import { hierarchyOf } from "../snapshot/tree.ts";
import type { Snapshot } from "../snapshot/types.ts";

/** How the explanation is printed. */
export interface ExplainOptions {
  /** One JSON object a line, a file a line. */
  readonly json: boolean;
  readonly colour: boolean;
}

const MAX_BYTES = 64 * 2 ** 20;
const DONE = 0;
const BROKEN_INPUT = 78;

/** Explains each file on standard output, and the faults of broken ones on standard error. Returns the exit code. */
export function explainSnapshots(files: readonly string[], options: ExplainOptions): number {
  let exitCode = DONE;
  for (const file of files) {
    const read = readSnapshot(file);
    if ("faults" in read) {
      exitCode = BROKEN_INPUT;
      process.stderr.write(read.faults.map((fault) => `${printFault(fault)}\n`).join(""));
    } else {
      const text = explainSnapshot(read.snapshot, options);
      process.stdout.write(files.length > 1 && !options.json ? `${printable(file)}\n\n${text}\n` : text);
    }
  }
  return exitCode;
}

/** The text of one decision, ending in a newline. */
function explainSnapshot(snapshot: Snapshot, { json, colour }: ExplainOptions): string {
  const ranking = rank(hierarchyOf(snapshot), strictPriority);
  const first = ranking.next();
  const levels = first.done === true ? [first.value] : first.value.levels;
  if (!json) return explain({ victim: first.done === true ? null : first.value.victim, levels }, { colour });
  const ranked: Choice[] = first.done === true ? [] : [first.value, ...ranking];
  return `${JSON.stringify(decisionJson(ranked, levels))}\n`;
}

function readSnapshot(file: string): { readonly snapshot: Snapshot } | { readonly faults: readonly Fault[] } {
  const read = readRegularFile(file, MAX_BYTES);
  if ("refused" in read) return { faults: [{ file, line: 1, column: 1, message: read.refused }] };
  const text = decodeText(file, read.bytes);
  if (typeof text !== "string") return { faults: [text] };
  const parsed = parseSnapshot(text);
  return "snapshot" in parsed ? parsed : { faults: parsed.faults.map((fault) => ({ file, ...fault })) };
}
