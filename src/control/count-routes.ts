/** What the control socket answers about the dead, and whom it lets add to them. */

import { fromPrinted } from "../kernel/path.ts";
import type { MemcgCounters } from "../report/counters.ts";
import type { Reporter, UserVictim } from "../report/events.ts";
import type { Bookkeeper } from "../witness/bookkeeper.ts";
import { type Asked, isRuler, mustOwn, Refused } from "./routes.ts";

/** What these routes ask of the daemon. */
export interface CountAnswers {
  readonly books: Bookkeeper;
  readonly reporter: Reporter;
}

/** `GET /stats`: every memcg that has counted anything; `GET /stats?memcg=PATH`: that one. */
export function readStats({ query }: Asked, { books }: CountAnswers): { readonly memcgs: readonly MemcgCounters[] } {
  const memcg = query.get("memcg");
  const { counters } = books.kept;
  if (memcg === null) return { memcgs: counters.all() };
  const known = [memcg, fromPrinted(memcg)].find((path) => books.kept.has(path));
  if (known === undefined) throw new Refused(404, `there is no memcg ${memcg}`);
  return { memcgs: [counters.of(known)] };
}

/**
 * `POST /killed`, body `{memcg, victims: [{pid, startTime, memcg}]}`: what kill-all has killed in a memcg, by root or by
 * whom its directory belongs to. Each process counts once, however often it is told.
 */
export function takeKilled({ body, peer }: Asked, { books, reporter }: CountAnswers): { readonly taken: number } {
  const { memcg, victims } = objectOf(body);
  if (typeof memcg !== "string" || !Array.isArray(victims)) throw new Refused(400, "expected memcg and victims");
  if (!isRuler(peer)) mustOwn(books.kept.ownerOf(memcg), peer.uid, memcg);
  const checked = victims.map((victim) => victimOf(victim, memcg));
  if (checked.length > 0) reporter.report({ type: "user-kill", memcg, uid: peer.uid, victims: checked });
  return { taken: checked.length };
}

function victimOf(value: unknown, above: string): UserVictim {
  const { pid, startTime, memcg } = objectOf(value);
  if (!isCount(pid) || !isCount(startTime) || typeof memcg !== "string") {
    throw new Refused(400, "expected pid, startTime and memcg of each victim");
  }
  if (above !== "/" && memcg !== above && !memcg.startsWith(`${above}/`)) {
    throw new Refused(403, `${memcg} is not in ${above}`);
  }
  return { pid, startTime, memcg };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Refused(400, "expected an object");
}
