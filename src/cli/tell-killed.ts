import { ask, DaemonRefuses, NoDaemon } from "../control/client.ts";
import type { UserVictim } from "../report/events.ts";

/** A request holds 64 KiB; one victim more may make a batch longer than this, and its path may have 8 KiB. */
const BATCH_CHARACTERS = 32_000;
/** A daemon that is stopped counts nothing, and holds nobody up. */
const PATIENCE_MS = 1_000;

/**
 * Has the daemon count what kill-all has killed under the cause `user`: null, or why that could not be. Nobody counts
 * where there is no daemon, and that is nothing to complain of.
 */
export async function tellKilled(
  runtimeDir: string,
  memcg: string,
  killed: readonly UserVictim[],
): Promise<string | null> {
  try {
    for (const victims of batches(killed)) await ask(runtimeDir, "/killed", { memcg, victims }, PATIENCE_MS);
    return null;
  } catch (error) {
    if (error instanceof NoDaemon) return null;
    if (error instanceof DaemonRefuses) return `the dead are not counted: ${error.message}`;
    throw error;
  }
}

function* batches(killed: readonly UserVictim[]): Generator<UserVictim[]> {
  let batch: UserVictim[] = [];
  let characters = 0;
  for (const { pid, startTime, memcg } of killed) {
    batch.push({ pid, startTime, memcg });
    characters += JSON.stringify(batch.at(-1)).length;
    if (characters <= BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
