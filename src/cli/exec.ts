import { runInstead } from "../kernel/exec.ts";
import { lowerOpenFilesAsParent } from "../kernel/inherited-limits.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { ownArguments } from "../kernel/process.ts";
import { CommandFailed, type Context } from "./context.ts";
import { askToSet } from "./process-badness.ts";

/** As nice(1) and env(1) say it. */
const NOT_FOUND = 127;
const CANNOT_RUN = 126;

/** `badnessctl exec --badness N -- COMMAND ARG…`: takes the badness, and becomes the command. */
export async function exec(context: Context, badness: string, command: readonly string[]): Promise<void> {
  await askToSet(context, badness);
  lowerOpenFilesAsParent();
  try {
    // The very bytes: what is no UTF-8 has been lost on the way through `process.argv`.
    runInstead(ownArguments().slice(-command.length));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw new CommandFailed(error.message, error.code === "ENOENT" ? NOT_FOUND : CANNOT_RUN, error);
  }
}
