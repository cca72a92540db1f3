/** `badnessctl set --pid` and `get --pid`: the badness of one process. */
import { badness as badnessValue } from "../config/values.ts";
import { ask, DaemonRefuses } from "../control/client.ts";
import { processFacts } from "../hierarchy/process-facts.ts";
import { PROTECTED } from "../hierarchy/types.ts";
import { printable } from "../report/printable.ts";
import { CommandFailed, type Context } from "./context.ts";
import { prioritiesOnRecord } from "./live.ts";

/** As the daemon answers it. */
interface ProcessBadness {
  readonly pid: number;
  readonly badness: number;
  readonly source: string;
}

/** `badnessctl set --pid PID VALUE` */
export async function setProcess(context: Context, pid: string, value: string): Promise<void> {
  print(context, await askToSet(context, value, parsePid(pid)));
}

/** `badnessctl get --pid PID`: without a daemon, what the last one has on record and the policy files say. */
export async function getProcess(context: Context, text: string): Promise<void> {
  const pid = parsePid(text);
  try {
    print(context, (await context.tryAsk(`/processes?pid=${pid}`)) ?? fromFiles(context, pid));
  } catch (error) {
    throw failed(error);
  }
}

/** Asks the daemon for a badness of a process, or of this very one. */
export async function askToSet({ runtimeDir }: Context, value: string, pid?: number): Promise<ProcessBadness> {
  const badness = parseValue(value);
  try {
    return (await ask(runtimeDir, "/processes", { ...(pid !== undefined && { pid }), badness })) as ProcessBadness;
  } catch (error) {
    throw failed(error);
  }
}

function fromFiles(context: Context, pid: number): ProcessBadness {
  const facts = processFacts(pid);
  if (facts === null) throw new CommandFailed(`there is no process ${pid}`);
  const { value, source } = prioritiesOnRecord(context).process(facts);
  return { pid, badness: value, source };
}

function print(context: Context, answer: ProcessBadness): void {
  const { pid, badness, source } = answer;
  const line = `process ${pid}: ${badness === PROTECTED ? "never" : badness} (${printable(source)})`;
  context.print(context.json ? JSON.stringify(answer) : line);
}

function parsePid(text: string): number {
  if (/^[1-9][0-9]{0,9}$/.test(text) && Number(text) < 2 ** 31) return Number(text);
  throw new CommandFailed(`expected a pid, got ${JSON.stringify(text)}`, 2);
}

function parseValue(text: string): number | "default" {
  if (text === "default") return text;
  const parsed = badnessValue.parse(text);
  if ("value" in parsed) return parsed.value;
  throw new CommandFailed(`${parsed.wrong}; or "default" for none`, 2);
}

const EXIT_CODES: Readonly<Record<number, number>> = { 400: 2, 403: 77 };

function failed(error: unknown): unknown {
  return error instanceof DaemonRefuses
    ? new CommandFailed(error.message, EXIT_CODES[error.status] ?? 1, error)
    : error;
}
