import type { ServerResponse } from "node:http";
import type { Reporter } from "../report/events.ts";

/** Whoever reads slowly loses events rather than holding us up; the loss is said. */
const UNREAD_LIMIT_BYTES = 256 * 1024;

/** Writes the events so far, one JSON object a line, and with `follow` those that come. */
export function streamEvents(reporter: Reporter, response: ServerResponse, follow: boolean): void {
  response.writeHead(200, { "content-type": "application/jsonl", connection: "close" });
  for (const event of reporter.recent) response.write(`${JSON.stringify(event)}\n`);
  if (!follow) {
    response.end();
    return;
  }
  let lost = 0;
  const stop = reporter.listen((event) => {
    if (response.writableLength > UNREAD_LIMIT_BYTES) {
      lost += 1;
      return;
    }
    if (lost > 0) response.write(`${JSON.stringify({ type: "lost", count: lost, time: event.time })}\n`);
    lost = 0;
    response.write(`${JSON.stringify(event)}\n`);
  });
  response.on("close", stop);
}
