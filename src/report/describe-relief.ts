/** Attempts to do without a kill, in words. */
import { printable, printablePath } from "./printable.ts";
import type { ReliefTried } from "./relief-event.ts";
import { printSize } from "./sizes.ts";

/** One line, without the OOM memcg. */
export function describeRelief(tried: ReliefTried): string {
  const { outcome, detail, tookMs, gainedBytes, relieved } = tried;
  const why = detail === null ? "" : ` (${printable(detail)})`;
  const gained = gainedBytes > 0 ? `, ${printSize(gainedBytes)} gained` : "";
  const end = relieved ? "nobody waits any more" : "still out of memory";
  return `${who(tried)}: ${outcome}${why} after ${tookMs.toFixed(1)} ms${gained}; ${end}`;
}

/** Lines below an explanation; none if nothing was tried. */
export function describeTried(tried: readonly ReliefTried[]): string {
  if (tried.length === 0) return "";
  return ["", "Tried before:", ...tried.map((each) => `  ${describeRelief(each)}`), ""].join("\n");
}

function who({ by, of }: ReliefTried): string {
  if (by === "reclaim" || by === "lend") return by;
  return `${by === "pre-kill" ? "pre-kill hook" : by} of ${printablePath(of)}`;
}
