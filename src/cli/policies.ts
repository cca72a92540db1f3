/** `badnessctl policies`: every policy with its arguments, and whether this machine has what it needs. */

import type { Policy } from "../../policies/contract.ts";
import { policies as table } from "../../policies/index.ts";
import { COMMON, type CommonSpec, expectedFor } from "../policy/arguments.ts";
import { factsOfMachine } from "../policy/available.ts";
import { checkUse, type HasFact } from "../policy/table.ts";
import { isRecursive } from "../select/how.ts";
import { locateController } from "../start/preflight.ts";
import { columns } from "./columns.ts";
import type { Context } from "./context.ts";

interface PolicyLine {
  readonly name: string;
  readonly summary: string;
  readonly walk: string;
  /** Why it cannot be used here, or null. */
  readonly lacking: string | null;
  readonly arguments: readonly ArgumentLine[];
}

interface ArgumentLine {
  readonly name: string;
  readonly expected: string;
  readonly default: unknown;
  readonly summary: string;
}

/** Needs neither the daemon nor a controller; where there is none, nothing is said of what is lacking. */
export function policies(context: Context): void {
  const mountPoint = locateController(context.cgroupRoot);
  const hasFact = typeof mountPoint === "string" ? factsOfMachine(mountPoint) : () => true;
  const lines = [...table.values()].map((policy) => lineOf(policy, hasFact));
  if (context.json) for (const line of lines) context.print(JSON.stringify(line));
  else context.print([...lines.map(screenOf), screenOfCommon()].join("\n"));
}

function lineOf(policy: Policy, hasFact: HasFact): PolicyLine {
  const checked = checkUse({ name: policy.name, args: {} }, hasFact);
  return {
    name: policy.name,
    summary: policy.summary,
    walk: "evaluateTask" in policy ? "processes" : (policy.walk ?? "levels"),
    lacking: "faults" in checked ? (checked.faults[0]?.message ?? null) : null,
    arguments: [
      ...Object.entries(policy.arguments ?? {}).map(argumentLine),
      ...Object.entries(COMMON).map(([name, spec]) =>
        name === "recursive"
          ? argumentLine([name, { ...COMMON.recursive, default: isRecursive(policy) }])
          : argumentLine([name, spec]),
      ),
    ],
  };
}

function argumentLine([name, spec]: [string, CommonSpec]): ArgumentLine {
  return { name, expected: expectedFor(spec), default: spec.default, summary: spec.summary };
}

/** Of what every policy takes only what is otherwise by itself here. */
function screenOf(line: PolicyLine): string {
  const common = new Map<string, unknown>(Object.entries(COMMON).map(([name, spec]) => [name, spec.default]));
  const own = line.arguments.filter((each) => common.get(each.name) !== each.default);
  const lacking = line.lacking === null ? "" : `  not here: ${line.lacking}\n`;
  return `${line.name}: ${line.summary}\n${lacking}${argumentRows(own)}`;
}

function screenOfCommon(): string {
  return `Arguments that every policy takes:\n${argumentRows(Object.entries(COMMON).map(argumentLine))}`;
}

function argumentRows(lines: readonly ArgumentLine[]): string {
  return columns(
    lines.map((each) => [
      `  ${each.name}`,
      each.default === null ? "" : `${each.default}`,
      `${each.expected}: ${each.summary}`,
    ]),
  );
}
