/** An HTTP server that nobody can fill: see doorman.ts for how many may come and how long they may stay. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Doorman } from "./doorman.ts";

const LONGEST_HEADER_BYTES = 8_192;
/** Node would go round after slow requests for ever, and late: the doorman has a timer for each connection. */
const NO_ROUNDS = { requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1 };

/** Of Prometheus's text format. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Not listening yet. `answer` is called with every request, whose body nobody has read. */
export function createCappedServer<Who>(
  doorman: Doorman<Who>,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer({ maxHeaderSize: LONGEST_HEADER_BYTES, ...NO_ROUNDS });
  server.on("connection", (socket) => doorman.receive(socket));
  server.on("request", (request, response) => {
    response.on("error", () => {});
    answer(request, response);
  });
  return server;
}

/** Answers with metrics once they are there. Rejects if they cannot be had. */
export async function answerMetrics(response: ServerResponse, metrics: Promise<string>): Promise<void> {
  const text = await metrics;
  response.writeHead(200, { "content-type": METRICS_TYPE, connection: "close" });
  response.end(text);
}
