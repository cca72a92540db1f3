/** How a line of the log is written. */
import type { LogFormat, LogLevel } from "../config/types.ts";
import type { Event } from "./events.ts";
import { printableJson } from "./printable.ts";

export interface LogLine {
  readonly level: LogLevel;
  /** Safe to print. */
  readonly message: string;
  readonly event?: Event;
}

export interface LogStyle {
  readonly format: LogFormat;
  /** Written to systemd's journal, which keeps time and priority beside the text. */
  readonly isJournal: boolean;
}

/** The severities of syslog, which the journal takes from the beginning of each line; see sd-daemon(3). */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** One or several lines, without the last newline; as JSON always one. */
export function printLogLine(line: LogLine, { format, isJournal }: LogStyle): string {
  const text = format === "json" ? printJson(line) : line.message;
  if (isJournal) return text.replaceAll(/^/gm, `<${SEVERITIES[line.level]}>`);
  return format === "json" || line.level === "info" ? text : `${line.level}: ${text}`;
}

/** Of a message about an event the first line is enough: all that it says is in the event. */
function printJson({ level, message, event }: LogLine): string {
  if (event === undefined) return printableJson({ time: new Date().toISOString(), level, message });
  return printableJson({ time: event.time, level, message: message.split("\n")[0]?.trim(), event });
}
