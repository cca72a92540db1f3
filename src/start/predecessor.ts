/** What a daemon that died has left behind: its failsafe, and memcgs that are armed still. */
import { type ArmedRecord, readRecord, removeRecord } from "../hold/record.ts";
import { type Restored, restore } from "../hold/restore.ts";
import { nowMs, sleep } from "../kernel/clock.ts";
import { tryLock } from "../kernel/lock.ts";
import { readText } from "../kernel/read.ts";

/** A failsafe puts everything back within moments of its handler's death. */
const FAILSAFE_ENDS_MS = 2_000;

/**
 * Waits for the failsafe of the run before to end, so that it cannot disarm what we arm; resolves to what is armed still.
 * Throws if that failsafe does not end.
 */
export async function finishPredecessor(runtimeDir: string): Promise<ArmedRecord | null> {
  const end = nowMs() + FAILSAFE_ENDS_MS;
  const lock = `${runtimeDir}/failsafe.lock`;
  while (!tryLock(lock)) {
    if (nowMs() > end)
      throw new Error(`the failsafe of an earlier badnessd is stuck: end process ${readText(lock)?.trim()}`);
    await sleep(10);
  }
  return readRecord(runtimeDir);
}

/** Puts back what is on record, and takes the record away if that went well. */
export function restoreRecorded(runtimeDir: string): Restored {
  const record = readRecord(runtimeDir);
  if (record === null) return { restored: [], failed: [] };
  const result = restore(record, "after a death");
  if (result.failed.length === 0) removeRecord(runtimeDir);
  return result;
}
