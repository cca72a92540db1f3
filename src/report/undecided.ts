import type { Decided } from "../policy/turns.ts";
import { printable } from "./printable.ts";

/** What has to be said of those who did not decide, a line each; they are safe to print. */
export function describeUndecided({
  failed,
  rehearsed,
  silent,
}: Pick<Decided, "failed" | "rehearsed" | "silent">): string {
  return [
    ...failed.map(({ by, why }) => `Policy ${by.policy.name} is passed over: ${why}.`),
    ...rehearsed.map(({ by }) => `Policy ${by.policy.name} only rehearses.`),
    ...silent.map(({ policy }) => `Policy ${policy.name} knows nobody to kill.`),
  ]
    .map((line) => `${printable(line)}\n`)
    .join("");
}
