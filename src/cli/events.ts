import { askLines } from "../control/client.ts";
import type { Context } from "./context.ts";

/** `badnessctl events [--follow]`: one JSON object a line. */
export async function events(context: Context, follow: boolean): Promise<void> {
  for await (const line of askLines(context.runtimeDir, follow ? "/events?follow" : "/events")) context.print(line);
}
