/** Owners who want to be told before anybody of theirs is killed, and what they answer. */
import { fromPrinted } from "../kernel/path.ts";
import type { Relief } from "../relief/relief.ts";
import type { Bookkeeper } from "../witness/bookkeeper.ts";
import { type Asked, isRuler, mustOwn, Refused } from "./routes.ts";

/** What these routes ask of the daemon. */
export interface ListenAnswers {
  readonly relief: Relief;
  readonly books: Bookkeeper;
}

/**
 * `GET /listen?memcg=PATH`, by root or by whom its directory belongs to: one JSON object a line, at first
 * `{"type":"listening"}` and then one of `"type":"oom"` each time that a choice falls into the memcg.
 */
export async function openListening(
  { query, peer, response, letStay }: Asked,
  { relief, books }: ListenAnswers,
): Promise<void> {
  const named = query.get("memcg");
  if (named === null) throw new Refused(400, "expected a memcg");
  const memcg = books.kept.has(named) ? named : fromPrinted(named);
  if (!isRuler(peer)) mustOwn(books.kept.ownerOf(memcg), peer.uid, memcg);
  const leave = await relief.listen(memcg, {
    uid: peer.uid,
    isRuler: isRuler(peer),
    tell(line) {
      const hasRead = !response.writableNeedDrain;
      if (hasRead) response.write(`${line}\n`);
      return hasRead;
    },
    end: () => void response.end(),
  });
  if (leave === null) throw new Refused(404, `there is no memcg ${memcg}`);
  if (response.closed) return leave();
  response.on("close", leave);
  letStay();
  response.writeHead(200, { "content-type": "application/jsonl", connection: "close" });
  response.write(`${JSON.stringify({ type: "listening", memcg })}\n`);
}

/** `POST /listen`, body `{ask, answer}`: "done" if all was freed that can be, "pass" if nothing can. */
export function takeAnswer({ body, peer }: Asked, { relief }: ListenAnswers): { readonly taken: true } {
  const { ask, answer } = (body ?? {}) as Record<string, unknown>;
  if (typeof ask !== "number" || (answer !== "done" && answer !== "pass")) {
    throw new Refused(400, 'expected ask, a number, and answer, "done" or "pass"');
  }
  if (relief.answer(ask, answer, isRuler(peer) ? null : peer.uid)) return { taken: true };
  throw new Refused(404, `nobody waits for an answer to ${ask}`);
}
