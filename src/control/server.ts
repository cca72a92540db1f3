/** RUNTIME_DIR/control.sock: JSON over HTTP, so that `curl --unix-socket` works. Readable by all. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { makeSocketPublic, removeFile } from "../kernel/state-file.ts";
import type { Event } from "../report/events.ts";

export interface Answers {
  status(): unknown;
  /** What commands need to see badness as the daemon does. */
  config(): unknown;
  recentEvents(): readonly Event[];
  /** Returns the way to stop listening. */
  listen(listener: (event: Event) => void): () => void;
}

/** Whoever reads slowly loses events rather than holding us up; the loss is said. */
const UNREAD_LIMIT_BYTES = 256 * 1024;

/** Resolves once the socket is there. */
export async function serve(runtimeDir: string, answers: Answers): Promise<Server> {
  const path = `${runtimeDir}/control.sock`;
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 });
  server.maxConnections = 64;
  server.on("request", (request, response) => answer(request, response, answers));
  server.on("error", () => {});
  removeFile(path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  makeSocketPublic(path);
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, answers: Answers): void {
  request.resume();
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://badnessd");
  if (request.method !== "GET") send(response, 405, { error: `cannot ${request.method}: only GET is served` });
  else if (pathname === "/status") send(response, 200, answers.status());
  else if (pathname === "/config") send(response, 200, answers.config());
  else if (pathname === "/events") sendEvents(response, answers, searchParams.has("follow"));
  else send(response, 404, { error: `there is no ${pathname}: ask for /status, /config or /events` });
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { "content-type": "application/json", connection: "close" });
  response.end(`${JSON.stringify(body)}\n`);
}

function sendEvents(response: ServerResponse, answers: Answers, follow: boolean): void {
  response.writeHead(200, { "content-type": "application/jsonl", connection: "close" });
  for (const event of answers.recentEvents()) response.write(`${JSON.stringify(event)}\n`);
  if (!follow) {
    response.end();
    return;
  }
  let lost = 0;
  const stop = answers.listen((event) => {
    if (response.writableLength > UNREAD_LIMIT_BYTES) {
      lost += 1;
      return;
    }
    if (lost > 0) response.write(`${JSON.stringify({ type: "lost", count: lost, time: event.time })}\n`);
    lost = 0;
    response.write(`${JSON.stringify(event)}\n`);
  });
  response.on("close", stop);
  response.on("error", stop);
}
