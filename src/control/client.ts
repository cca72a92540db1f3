/** Asking a running daemon. */
import { type IncomingMessage, request } from "node:http";
import { nowMs, sleep } from "../kernel/clock.ts";

/** A daemon that is stopped or wedged keeps nobody waiting longer. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 10;

/** There is no daemon on this runtime directory, or it does not answer. */
export class NoDaemon extends Error {
  /** As ENOENT, ECONNREFUSED or EACCES. */
  readonly code: string | undefined;
  constructor(message: string, cause: Error) {
    super(message, { cause });
    this.code = (cause as NodeJS.ErrnoException).code;
  }
}

/** The daemon says no; `status` as in HTTP. */
export class DaemonRefuses extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What `GET path` answers, or with a body `POST path`. Rejects with NoDaemon or DaemonRefuses. */
export async function ask(
  runtimeDir: string,
  path: string,
  body?: unknown,
  patienceMs = PATIENCE_MS,
): Promise<unknown> {
  return readAnswer(await open(runtimeDir, path, body, patienceMs));
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const answer = JSON.parse(text) as { error?: string };
  const status = response.statusCode ?? 0;
  if (status !== 200) throw new DaemonRefuses(status, answer.error ?? `the daemon answers ${status}`);
  return answer;
}

/** The lines that `GET path` answers, for as long as they come. Throws NoDaemon or DaemonRefuses. */
export async function* askLines(runtimeDir: string, path: string): AsyncGenerator<string> {
  const response = await open(runtimeDir, path);
  if (response.statusCode !== 200) await readAnswer(response);
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function open(runtimeDir: string, path: string, body?: unknown, timeout = PATIENCE_MS): Promise<IncomingMessage> {
  const end = nowMs() + timeout;
  for (;;) {
    try {
      return await openOnce(runtimeDir, path, body, timeout);
    } catch (error) {
      // A crowd stands at the door, and the kernel lets nobody queue any more.
      const isFull = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "EAGAIN";
      if (!isFull || nowMs() > end) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function openOnce(runtimeDir: string, path: string, body: unknown, timeout: number): Promise<IncomingMessage> {
  const socketPath = `${runtimeDir}/control.sock`;
  const method = body === undefined ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, timeout }, (response) => {
      response.setEncoding("utf8");
      asked.setTimeout(0);
      resolve(response);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${timeout} ms`)));
    asked.on("error", (cause) => {
      reject(new NoDaemon(`no badnessd answers on ${socketPath}: ${cause.message}`, cause));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
