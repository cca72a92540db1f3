/** Asking a running daemon. */
import { type IncomingMessage, request } from "node:http";

/** There is no daemon on this runtime directory, or it does not answer. */
export class NoDaemon extends Error {}

/** What `GET path` answers. Rejects with NoDaemon if nobody does. */
export async function ask(runtimeDir: string, path: string): Promise<unknown> {
  const response = await open(runtimeDir, path);
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const body = JSON.parse(text) as { error?: string };
  if (response.statusCode !== 200) throw new Error(body.error ?? `the daemon answers ${response.statusCode}`);
  return body;
}

/** The lines that `GET path` answers, for as long as they come. */
export async function* askLines(runtimeDir: string, path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of await open(runtimeDir, path)) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function open(runtimeDir: string, path: string): Promise<IncomingMessage> {
  const socketPath = `${runtimeDir}/control.sock`;
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: 5_000 }, (response) => {
      response.setEncoding("utf8");
      asked.setTimeout(0);
      resolve(response);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
    asked.on("error", (cause) => {
      reject(new NoDaemon(`no badnessd answers on ${socketPath}: ${cause.message}`, { cause }));
    });
    asked.end();
  });
}
