import { whyNotLive } from "./memcgs.ts";

/** Says once, before the first test, whether the live ones run. */
export function setup(): void {
  const reason = whyNotLive();
  process.stdout.write(reason === null ? "Live tests run on real memcgs.\n" : `Live tests are skipped: ${reason}\n`);
}
