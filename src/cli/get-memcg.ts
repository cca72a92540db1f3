import type { MemcgPriority } from "../badness/memcg-badness.ts";
import { describeIgnored, KEYS } from "../badness/xattrs.ts";
import { printable } from "../report/printable.ts";
import type { Context } from "./context.ts";
import { configInForce } from "./live.ts";
import { type MemcgView, printValue, priorityJson, priorityOf, viewMemcg, WORDS } from "./memcg-view.ts";

/** `badnessctl get MEMCG`: what is set on a memcg, where each value comes from, and what is ignored and why. */
export async function getMemcg(context: Context, memcg: string): Promise<void> {
  const view = viewMemcg(context, memcg);
  const priority = priorityOf(view, await configInForce(context));
  const answer = priorityJson(view.path, priority, view.xattrs.ignored);
  context.print(context.json ? JSON.stringify(answer) : describe(view, priority));
}

function describe({ path, xattrs }: MemcgView, priority: MemcgPriority): string {
  const rows = KEYS.map((key) => [WORDS[key], printValue(priority, key), printable(priority[key].source)]);
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const lines = rows.map(([key = "", value = "", source = ""]) => {
    return `  ${key.padEnd(widthOf(0))}  ${value.padEnd(widthOf(1))}  ${source}`;
  });
  const ignored = xattrs.ignored.map((one) => `  ${describeIgnored(one)}`);
  const hidden = process.geteuid?.() === 0 ? [] : ["  (trusted.* values show to root alone)"];
  return [printable(path), ...lines, ...ignored, ...hidden].join("\n");
}
