import { askLines } from "../control/client.ts";
import { CommandFailed, type Context } from "./context.ts";

/** `badnessctl events [--follow]`: one JSON object a line, to the end of the daemon where that is an orderly one. */
export async function events(context: Context, follow: boolean): Promise<void> {
  try {
    for await (const line of askLines(context.runtimeDir, follow ? "/events?follow" : "/events")) context.print(line);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    const why = "badnessd was killed, or made room for others who ask";
    throw new CommandFailed(`the events were cut off: ${why}`, 1, error);
  }
}
