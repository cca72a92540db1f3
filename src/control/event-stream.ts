import type { ServerResponse } from "node:http";
import type { Reporter } from "../report/events.ts";
import type { Asked } from "./routes.ts";

/** Whoever reads slowly loses events rather than holding us up; the loss is said. */
const UNREAD_LIMIT_BYTES = 256 * 1024;

/** Writes the events so far, one JSON object a line, and with `follow` those that come. */
export function streamEvents(reporter: Reporter, { response, letStay }: Asked, follow: boolean): void {
  response.writeHead(200, { "content-type": "application/jsonl", connection: "close" });
  const reader = new Reader(response, reporter.recentLines, follow);
  if (!follow) return;
  letStay();
  const stops = [reporter.listen(({ time }, json) => reader.push(json, time)), reporter.onEnd(() => reader.end())];
  response.on("close", () => {
    for (const stop of stops) stop();
  });
}

/** Somebody who reads as fast as they like: what waits for them is the text that all share, not a copy each. */
class Reader {
  readonly #response: ServerResponse;
  readonly #stays: boolean;
  readonly #waiting: string[];
  #waitingBytes = 0;
  #lost = 0;
  #lostTime = "";

  constructor(response: ServerResponse, lines: readonly string[], stays: boolean) {
    this.#response = response;
    this.#stays = stays;
    this.#waiting = [...lines];
    for (const { length } of lines) this.#waitingBytes += length;
    response.on("drain", () => this.#write());
    this.#write();
  }

  push(json: string, time: string): void {
    if (this.#waitingBytes > UNREAD_LIMIT_BYTES) {
      this.#lost += 1;
      this.#lostTime = time;
      return;
    }
    this.#sayLost();
    this.#add(json);
    this.#write();
  }

  /**
   * The process ends in a moment: what the kernel takes now still arrives, and where that is all, so does the end of the
   * answer. Whoever misses that knows that something is missing.
   */
  end(): void {
    this.#sayLost();
    this.#response.end(this.#waiting.map((line) => `${line}\n`).join(""));
    this.#waiting.length = 0;
  }

  /** `time`: of the last event that was lost. */
  #sayLost(): void {
    if (this.#lost > 0) this.#add(JSON.stringify({ type: "lost", count: this.#lost, time: this.#lostTime }));
    this.#lost = 0;
  }

  #add(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  #write(): void {
    while (!this.#response.writableNeedDrain) {
      if (this.#waiting.length === 0) this.#sayLost();
      const line = this.#waiting.shift();
      if (line === undefined) break;
      this.#waitingBytes -= line.length;
      this.#response.write(`${line}\n`);
    }
    if (!this.#stays && this.#waiting.length === 0) this.#response.end();
  }
}
