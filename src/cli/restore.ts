import { printable } from "../report/printable.ts";
import { restoreRecorded } from "../start/predecessor.ts";
import { CommandFailed, type Context } from "./context.ts";

/** `badnessctl restore`: gives back what is on record; needs no daemon, and is no use beside a running one. */
export async function restore(context: Context): Promise<void> {
  if ((await context.tryAsk("/status")) !== null) {
    throw new CommandFailed("badnessd is running and would arm everything again: stop it instead");
  }
  const { restored, failed } = restoreRecorded(context.runtimeDir);
  if (context.json) context.print(JSON.stringify({ restored, failed }));
  else for (const memcg of restored) context.print(`${printable(memcg)}: given back to the kernel's killer`);
  if (!context.json && restored.length === 0 && failed.length === 0) context.print("nothing is armed");
  if (failed.length > 0) throw new CommandFailed(`cannot give back ${failed.map(printable).join(", ")}`);
}
