/** `oom.metrics.listen`: GET /metrics over TCP, and nothing else. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { printListenAddress } from "../config/listen-address.ts";
import type { ListenAddress } from "../config/types.ts";
import { answerMetrics, createCappedServer } from "../control/capped-server.ts";
import { Doorman } from "../control/doorman.ts";

/** An address that is in use or not there yet, as early in the boot, is tried again this often. */
const RETRY_MS = 10_000;

export interface ListenerOptions {
  metrics(): Promise<string>;
  /** The address cannot be had; said once, however often it is tried. */
  onFault(what: string): void;
  readonly retryMs?: number;
}

export class MetricsListener {
  readonly #options: ListenerOptions;
  #address: ListenAddress | null = null;
  #server: Server | null = null;
  #retryTimer: NodeJS.Timeout | null = null;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens there from now on, or nowhere. */
  configure(address: ListenAddress | null): void {
    if (printListenAddress(address) === printListenAddress(this.#address)) return;
    this.stop();
    this.#address = address;
    this.#listen(true);
  }

  stop(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = null;
    this.#address = null;
  }

  #listen(isFirstTry: boolean): void {
    const address = this.#address;
    if (address === null) return;
    const doorman = new Doorman({ whoIs: (socket) => socket.remoteAddress, isGuest: () => true });
    const server = createCappedServer(doorman, (request, response) => void this.#answer(request, response));
    this.#server = server;
    server.on("error", (error) => {
      // Once it listens: out of descriptors for a moment.
      if (server.listening || this.#server !== server) return;
      if (isFirstTry) this.#options.onFault(`no metrics on ${printListenAddress(address)}: ${error.message}`);
      this.#retryTimer = setTimeout(() => this.#listen(false), this.#options.retryMs ?? RETRY_MS);
    });
    server.listen({ host: address.host, port: address.port });
  }

  /** Never rejects. */
  async #answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (method === "GET" && url?.split("?")[0] === "/metrics") {
        return await answerMetrics(response, this.#options.metrics());
      }
      response.writeHead(404, { connection: "close" }).end("there is GET /metrics and nothing else\n");
    } catch (error) {
      response.writeHead(500, { connection: "close" }).end(`${(error as Error).message}\n`);
    }
  }
}
