/** The log: every event on standard error, in words or as JSON. The only importer of winston. */
import { createLogger, format, transports } from "winston";
import type { LogLevel, LogSettings } from "../config/types.ts";
import { isJournal, openLogStream } from "../kernel/log-stream.ts";
import { describeEvent } from "./describe.ts";
import type { Event } from "./events.ts";
import { type LogLine, printLogLine } from "./log-line.ts";

const LEVELS: Partial<Record<Event["type"], LogLevel>> = {
  fault: "error",
  unreclaimable: "error",
  "no-victim": "warn",
  "delay-expired": "warn",
  "silent-oom": "warn",
  livelock: "warn",
  stuck: "warn",
  "kernel-kill": "warn",
  disarmed: "warn",
  armed: "debug",
};

export interface Log {
  event(event: Event): void;
  line(level: LogLevel, text: string): void;
  /** Other settings from the next line on. */
  configure(settings: LogSettings): void;
}

/** Never waits for its reader: what a stuck one does not take is dropped and counted. */
export function openLog(settings: LogSettings): Log {
  const style = { format: settings.format, isJournal: isJournal() };
  const stream = openLogStream((lines) => {
    const message = `${lines} lines of the log were dropped: nobody read them`;
    return `${printLogLine({ level: "warn", message }, style)}\n`;
  });
  const logger = createLogger({
    level: settings.level,
    format: format.printf((info) => printLogLine(info as unknown as LogLine, style)),
    transports: [new transports.Stream({ stream })],
  });
  return {
    event: (event) => void logger.log({ level: levelOf(event), message: describeEvent(event), event }),
    line: (level, message) => void logger.log({ level, message }),
    configure: (changed) => {
      logger.level = changed.level;
      style.format = changed.format;
    },
  };
}

function levelOf(event: Event): LogLevel {
  return (event.type === "fault" ? event.level : undefined) ?? LEVELS[event.type] ?? "info";
}
