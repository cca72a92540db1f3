import type { Arguments, Config } from "../config/types.ts";

/** What the launcher hands to the handler that it becomes. */
export interface Handover {
  readonly arguments: Arguments;
  readonly config: Config;
  readonly mountPoint: string;
  /** For the log: what is amiss, but not fatal. */
  readonly notes: readonly string[];
  /** The command line, to be read again at a reload. */
  readonly argv: readonly string[];
}
