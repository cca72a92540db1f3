import { type Loan, takeBackRecorded } from "../relief/loan-record.ts";
import { printable } from "../report/printable.ts";
import { printSize } from "../report/sizes.ts";
import { restoreRecorded } from "../start/predecessor.ts";
import { CommandFailed, type Context } from "./context.ts";

/** `badnessctl restore`: gives back what is on record; needs no daemon, and is no use beside a running one. */
export async function restore(context: Context): Promise<void> {
  if ((await context.tryAsk("/status")) !== null) {
    throw new CommandFailed("badnessd is running and would arm everything again: stop it instead");
  }
  const { restored, failed } = restoreRecorded(context.runtimeDir);
  const { returned, kept } = takeBackRecorded(context.runtimeDir, "patiently");
  const lent = kept.map(({ loan, why }) => `${loan.memcg}: ${why}`);
  if (context.json) context.print(JSON.stringify({ restored, failed, takenBack: returned.map(memcgOf), lent }));
  else print(context, restored, returned);
  throwIfAny("cannot give back", failed);
  throwIfAny("cannot take back what was lent to", lent);
  if (!context.json && restored.length + returned.length === 0) context.print("nothing is armed");
}

function print(context: Context, restored: readonly string[], returned: readonly Loan[]): void {
  for (const memcg of restored) context.print(`${printable(memcg)}: given back to the kernel's killer`);
  for (const { memcg, bytes } of returned) context.print(`${printable(memcg)}: ${printSize(bytes)} taken back`);
}

/** `failures`: each `MEMCG: why`. */
function throwIfAny(cannot: string, failures: readonly string[]): void {
  if (failures.length === 0) return;
  const isForbidden = failures.every((failure) => /: (?:EACCES|EPERM)$/.test(failure));
  throw new CommandFailed(`${cannot} ${failures.map(printable).join(", ")}`, isForbidden ? 77 : 1);
}

function memcgOf({ memcg }: Loan): string {
  return memcg;
}
