/**
 * Writing to a control file whose write has the kernel reclaim first: that lasts as long as it likes, on a slow disk in a
 * sleep that no signal ends. So it is done by a child. A thread of ours that never came back would keep our descriptors
 * open after our death, and our failsafe would not hear of it.
 */
import { type CommandEnd, startCommand } from "../hooks/command.ts";
import { close } from "../kernel/libc.ts";
import { openDirectory } from "../kernel/read.ts";

/** `[file, text]` in the directory of a memcg, one after the other, as far as they succeed. Never rejects. */
export async function writeAside(
  directory: string,
  assignments: readonly (readonly [string, string])[],
  timeoutMs: number,
): Promise<CommandEnd> {
  const fd = openDirectory(directory);
  // By way of the descriptor there is nothing in the path for a shell to misread, and no other memcg that it comes to mean.
  const writes = assignments.map(([file, text]) => `echo ${text} >${file}`);
  const line = [`cd /proc/${process.pid}/fd/${fd}`, ...writes].join(" && ");
  try {
    return await startCommand(line, "", timeoutMs).ended;
  } catch (error) {
    return { failure: (error as Error).message, isTimeout: false, stderr: "" };
  } finally {
    if (fd >= 0) close(fd);
  }
}
