import { printable } from "../report/printable.ts";
import type { WatchRequest } from "./protocol.ts";

/** A record of the kernel's log holds about 1,000 bytes, and more is refused. */
const MOST_CHARACTERS = 200;

/** For the kernel's log, as an error: which memcg gave the handler away, and what was done. */
export function whyLoose({ memcg, delayMs }: Pick<WatchRequest, "memcg" | "delayMs">): string {
  const where = printable(memcg).slice(0, MOST_CHARACTERS);
  const what = "the handler is stopped or wedged, and the kernel's killer is let loose in all that is guarded";
  return `<3>badnessd: ${where} has outstayed its delay of ${delayMs} ms: ${what}`;
}
