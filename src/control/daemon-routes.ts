/** What the control socket answers. */
import { findKey, KEYS } from "../config/keys.ts";
import type { Reloader } from "../config/reloader.ts";
import type { Config } from "../config/types.ts";
import type { Reporter } from "../report/events.ts";
import { answerMetrics } from "./capped-server.ts";
import { type CountAnswers, readStats, takeKilled } from "./count-routes.ts";
import { streamEvents } from "./event-stream.ts";
import { type ListenAnswers, openListening, takeAnswer } from "./listen-routes.ts";
import { type ProcessAnswers, readProcesses, writeProcess } from "./process-routes.ts";
import { type Asked, mustRule, Refused, type Route, type Routes } from "./routes.ts";

/** What the routes ask of the daemon. */
export interface DaemonAnswers extends ProcessAnswers, CountAnswers, ListenAnswers {
  status(): object;
  metrics(): Promise<string>;
  config(): Config;
  /** What policies keep of memcgs between OOMs. */
  samples(): object;
  readonly reporter: Reporter;
  readonly reloader: Reloader;
}

export function routesOf(daemon: DaemonAnswers): Routes {
  return new Map<string, Route>([
    ["GET /status", () => daemon.status()],
    ["GET /config", () => daemon.config()],
    ["GET /events", (asked) => streamEvents(daemon.reporter, asked, asked.query.has("follow"))],
    ["GET /metrics", ({ response }) => answerMetrics(response, daemon.metrics())],
    ["GET /samples", () => daemon.samples()],
    ["GET /stats", (asked) => readStats(asked, daemon)],
    ["GET /listen", (asked) => openListening(asked, daemon)],
    ["POST /listen", (asked) => takeAnswer(asked, daemon)],
    ["POST /killed", (asked) => takeKilled(asked, daemon)],
    ["GET /sysctl", () => settingsOf(daemon.config())],
    ["GET /processes", (asked) => readProcesses(asked, daemon)],
    ["POST /processes", (asked) => writeProcess(asked, daemon)],
    ["POST /sysctl", (asked) => writeSettings(asked, daemon)],
  ]);
}

function settingsOf({ settings }: Config): Record<string, string> {
  return Object.fromEntries(KEYS.map((key) => [key.name, key.print(settings)]));
}

/** Body: `{KEY: VALUE, …}`, all strings; all of them or none. They hold until the files are read again. */
async function writeSettings(asked: Asked, { config, reloader }: DaemonAnswers): Promise<Record<string, string>> {
  mustRule(asked);
  const faults = await reloader.write(assignmentsOf(asked.body));
  if (faults.length > 0) throw new Refused(400, faults.join("; "));
  return settingsOf(config());
}

function assignmentsOf(body: unknown): string[] {
  if (typeof body !== "object" || body === null) throw new Refused(400, "expected an object of keys and values");
  return Object.entries(body).map(([name, value]) => {
    if (findKey(name) === undefined) throw new Refused(400, `there is no key ${name}`);
    if (typeof value !== "string" || /[\n\r\0]/.test(value)) throw new Refused(400, `expected one line for ${name}`);
    return `${name} = ${value}`;
  });
}
