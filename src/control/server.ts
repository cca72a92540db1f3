/**
 * RUNTIME_DIR/control.sock: JSON over HTTP, so that `curl --unix-socket` works. Everybody may connect; what somebody
 * may change is decided by who they are, not by the mode of a file.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Peer, peerOf } from "../kernel/peer.ts";
import { makeSocketPublic, removeFile } from "../kernel/state-file.ts";
import { createCappedServer } from "./capped-server.ts";
import { Doorman } from "./doorman.ts";
import { Refused, type Routes } from "./routes.ts";

const LONGEST_BODY_BYTES = 64 * 1024;
/** As many as may knock at the same time, as far as net.core.somaxconn lets them. */
const BACKLOG = 4_096;
const ROOT = 0;

/** Resolves once the socket is there. */
export async function serve(runtimeDir: string, routes: Routes): Promise<Server> {
  const path = `${runtimeDir}/control.sock`;
  const doorman = new Doorman({ whoIs: (socket) => peerOf(socket)?.uid, isGuest: (uid) => uid !== ROOT });
  const server = createCappedServer(doorman, (request, response) => {
    const letStay = () => doorman.letStay(request.socket);
    void answer(request, response, { routes, letStay });
  });
  removeFile(path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: BACKLOG }, resolve);
  });
  // Out of descriptors for a moment: whoever asked asks again.
  server.on("error", () => {});
  makeSocketPublic(path);
  return server;
}

/** Never rejects: what a client does wrong is the client's. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, letStay }: { readonly routes: Routes; readonly letStay: () => void },
): Promise<void> {
  try {
    const url = parseUrl(request.url);
    const route = routes.get(`${request.method} ${url.pathname}`);
    if (route === undefined) throw new Refused(404, `there is no ${request.method} ${url.pathname}`);
    const body = await readBody(request);
    const result = await route({ query: url.searchParams, body, peer: knownPeer(request), response, letStay });
    if (!response.headersSent) send(response, 200, result);
  } catch (error) {
    const status = error instanceof Refused ? error.status : 500;
    if (!response.headersSent) send(response, status, { error: (error as Error).message });
  }
}

function knownPeer(request: IncomingMessage): Peer {
  const peer = peerOf(request.socket);
  if (peer === null) throw new Refused(403, "cannot tell who asks");
  return peer;
}

function parseUrl(text = "/"): URL {
  try {
    return new URL(text, "http://badnessd");
  } catch {
    throw new Refused(400, "cannot read the path");
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  // The one who writes too much is to hear of it: left as usual, the loop would cut them off.
  for await (const chunk of request.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.length > LONGEST_BODY_BYTES) throw new Refused(413, `cannot take more than ${LONGEST_BODY_BYTES} bytes`);
  }
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    throw new Refused(400, "cannot read the body: it is no JSON");
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(`${JSON.stringify(body)}\n`);
}
