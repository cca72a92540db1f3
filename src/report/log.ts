/** The log: one line an event on standard error, and the explanation below a decision. The only importer of winston. */
import { createLogger, format, type Logger, transports } from "winston";
import { type LogStream, openLogStream } from "../kernel/log-stream.ts";
import { describeEvent } from "./describe.ts";
import type { Event } from "./events.ts";

const LEVELS: Partial<Record<Event["type"], string>> = {
  fault: "error",
  unreclaimable: "error",
  "no-victim": "warn",
  "delay-expired": "warn",
  stuck: "warn",
  "kernel-kill": "warn",
  disarmed: "warn",
  armed: "debug",
};

export interface Log {
  event(event: Event): void;
  line(level: "info" | "warn" | "error", text: string): void;
}

/** Never waits for its reader: what a stuck one does not take is dropped and counted. */
export function openLog(): Log {
  const stream: LogStream = openLogStream();
  const logger: Logger = createLogger({
    level: process.env["BADNESSD_LOG_LEVEL"] ?? "info",
    format: format.printf(({ level, message }) => `${level === "info" ? "" : `${level}: `}${message}`),
    transports: [new transports.Stream({ stream })],
  });
  return {
    event: (event) => void logger.log(LEVELS[event.type] ?? "info", describeEvent(event)),
    line: (level, text) => void logger.log(level, text),
  };
}
