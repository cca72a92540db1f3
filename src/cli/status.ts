import { ask } from "../control/client.ts";
import { printable } from "../report/printable.ts";
import { printSize } from "../report/sizes.ts";
import type { Context } from "./context.ts";

/** What the daemon says of itself. */
export interface Status {
  readonly ready: boolean;
  readonly version: string;
  readonly pid: number;
  readonly failsafePid: number;
  readonly dryRun: boolean;
  /** Or a system-wide OOM is left to the kernel. */
  readonly watchesMachine: boolean;
  readonly armed: readonly { readonly memcg: string; readonly underOom: boolean; readonly delayMs: number }[];
  /** What `oom.relief` has lent and not got back. */
  readonly lent: readonly { readonly memcg: string; readonly bytes: number; readonly sinceMs: number }[];
}

/** `badnessctl status` */
export async function status(context: Context): Promise<void> {
  const answer = (await ask(context.runtimeDir, "/status")) as Status;
  if (context.json) return context.print(JSON.stringify(answer));
  const { ready, version, pid, failsafePid, dryRun, watchesMachine, armed, lent } = answer;
  const mode = dryRun ? ", dry run: it kills nobody" : "";
  context.print(`badnessd ${version} is ${ready ? "ready" : "starting"}, pid ${pid}, failsafe ${failsafePid}${mode}`);
  context.print(`${armed.length} memcgs armed, a system-wide OOM is ${watchesMachine ? "ours" : "the kernel's"}`);
  for (const { memcg, underOom, delayMs } of armed) {
    context.print(`  ${printable(memcg)}  delay ${delayMs} ms${underOom ? "  OUT OF MEMORY" : ""}`);
  }
  for (const { memcg, bytes, sinceMs } of lent) {
    context.print(`  ${printable(memcg)}  was lent ${printSize(bytes)} ${(sinceMs / 1000).toFixed(0)} s ago`);
  }
}
