/** `badnessctl explain --snapshot FILE…`: decides over files, with neither root nor daemon nor cgroups. */
import { type Fault, printFault } from "../config/fault.ts";
import { decodeText } from "../config/text.ts";
import type { PolicyUse } from "../config/types.ts";
import { readNamedFile } from "../kernel/files.ts";
import type { Loaded } from "../policy/loaded.ts";
import { uptoBuiltIn } from "../policy/loaded.ts";
import { printable } from "../report/printable.ts";
import { parseSnapshot } from "../snapshot/read.ts";
import { hierarchyOf } from "../snapshot/tree.ts";
import type { Snapshot } from "../snapshot/types.ts";
import { checkedPolicy, comparedPolicies, namedPolicy, type PolicyOptions, type SampleOf } from "./chosen-policies.ts";
import { compareText } from "./compare.ts";
import { CommandFailed } from "./context.ts";
import { decisionText } from "./decide.ts";

/** How the explanation is printed. */
export interface ExplainOptions {
  /** One JSON object a line, a file a line, which says whose it is: of a broken file there is none. */
  readonly json: boolean;
  readonly colour: boolean;
}

const MAX_BYTES = 64 * 2 ** 20;
const DONE = 0;
const BROKEN_INPUT = 78;

/** Explains each file on standard output, and the faults of broken ones on standard error. Returns the exit code. */
export function explainSnapshots(files: readonly string[], options: ExplainOptions, policies: PolicyOptions): number {
  let exitCode = DONE;
  for (const file of files) {
    const read = readSnapshot(file);
    if ("faults" in read) {
      exitCode = BROKEN_INPUT;
      process.stderr.write(read.faults.map((fault) => `${printFault(fault)}\n`).join(""));
    } else {
      const text = explainSnapshot(file, read.snapshot, options, policies);
      process.stdout.write(files.length > 1 && !options.json ? `${printable(file)}\n\n${text}\n` : text);
    }
  }
  return exitCode;
}

/** The text of one decision, ending in a newline. Throws CommandFailed if a policy cannot be used. */
function explainSnapshot(file: string, snapshot: Snapshot, how: ExplainOptions, options: PolicyOptions): string {
  const root = hierarchyOf(snapshot);
  const samples = new Map(snapshot.memcgs.map(({ path, sample }) => [path, sample]));
  const sampleOf: SampleOf = () => (memcg) => samples.get(memcg.path);
  if (options.compare !== undefined) {
    const { decidedBy } = snapshot;
    const chosen = { names: options.compare, configured: decidedBy === undefined ? [] : [decidedBy as PolicyUse] };
    return compareText(root, comparedPolicies(chosen, sampleOf), how.json, file);
  }
  const turns =
    options.policy === undefined ? recorded(file, snapshot, sampleOf) : [namedPolicy(options.policy, sampleOf)];
  return decisionText(root, turns, { ...how, file });
}

/** Who decided when it was recorded. */
function recorded(file: string, { decidedBy }: Snapshot, sampleOf: SampleOf): readonly Loaded[] {
  if (decidedBy === undefined) return [];
  try {
    // Its arguments are checked as if somebody had written them.
    return uptoBuiltIn([{ ...checkedPolicy(decidedBy as PolicyUse, sampleOf), dry: false }]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const hint = "name another with --policy";
    throw new CommandFailed(
      `${printable(file)}: cannot decide as it was decided: ${error.message}; ${hint}`,
      BROKEN_INPUT,
    );
  }
}

function readSnapshot(file: string): { readonly snapshot: Snapshot } | { readonly faults: readonly Fault[] } {
  const read = readNamedFile(file, MAX_BYTES);
  if ("refused" in read) return { faults: [{ file, line: 1, column: 1, message: read.refused }] };
  const text = decodeText(file, read.bytes);
  if (typeof text !== "string") return { faults: [text] };
  const parsed = parseSnapshot(text);
  return "snapshot" in parsed ? parsed : { faults: parsed.faults.map((fault) => ({ file, ...fault })) };
}
