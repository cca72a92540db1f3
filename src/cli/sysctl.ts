import { ask, DaemonRefuses } from "../control/client.ts";
import { CommandFailed, type Context } from "./context.ts";

export interface SysctlOptions {
  readonly all?: boolean;
  readonly write?: boolean;
}

/** `badnessctl sysctl [-a] [-w] KEY[=VALUE]…`: what the running daemon goes by, in the syntax of sysctl(8). */
export async function sysctl(context: Context, words: readonly string[], { all, write }: SysctlOptions): Promise<void> {
  const assignments = words.filter((word) => word.includes("="));
  const keys = words.filter((word) => !word.includes("=")).map((word) => word.replaceAll("/", "."));
  if (write === true && (keys.length > 0 || words.length === 0)) throw new CommandFailed("-w takes KEY=VALUE", 2);
  if (all !== true && words.length === 0) throw new CommandFailed("name a key, or -a for all", 2);
  const settings = assignments.length > 0 ? await writeAll(context, assignments) : await readAll(context);
  const shown = all === true ? Object.keys(settings) : [...keys, ...assignments.map(keyOf)];
  const unknown = shown.filter((key) => settings[key] === undefined);
  if (unknown.length > 0) throw new CommandFailed(`there is no key ${unknown.join(", ")}`);
  if (context.json) context.print(JSON.stringify(Object.fromEntries(shown.map((key) => [key, settings[key]]))));
  else for (const key of shown) context.print(`${key} = ${settings[key]}`);
}

async function readAll({ runtimeDir }: Context): Promise<Record<string, string>> {
  return (await ask(runtimeDir, "/sysctl")) as Record<string, string>;
}

async function writeAll({ runtimeDir }: Context, assignments: readonly string[]): Promise<Record<string, string>> {
  const body = Object.fromEntries(assignments.map((word) => [keyOf(word), word.slice(word.indexOf("=") + 1).trim()]));
  try {
    return (await ask(runtimeDir, "/sysctl", body)) as Record<string, string>;
  } catch (error) {
    if (!(error instanceof DaemonRefuses)) throw error;
    throw new CommandFailed(error.message, error.status === 403 ? 77 : 1);
  }
}

function keyOf(assignment: string): string {
  return assignment.slice(0, assignment.indexOf("=")).trim().replaceAll("/", ".");
}
