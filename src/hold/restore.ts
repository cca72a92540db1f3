/** Giving memcgs back to the kernel's killer: after a crash, at a stop, by hand, and from the failsafe. */
import { close, errno, errnoName } from "../kernel/libc.ts";
import { readOomControl, writeKillDisable } from "../kernel/memcg.ts";
import { ancestors } from "../kernel/path.ts";
import { listDirectories, O_RDWR, openPath, statDirectory } from "../kernel/read.ts";
import type { ArmedMemcg, ArmedRecord } from "./record.ts";

export interface Restored {
  /** Paths of memcgs whose oom_kill_disable was put back, those born armed included. */
  readonly restored: string[];
  /** `PATH: why` for each one that could not be. */
  readonly failed: string[];
}

/**
 * Why memcgs are put back. After a death a memcg that is out of memory gets 0, whatever it had: nobody would come to those
 * who wait in it.
 */
export type Occasion = "at a stop" | "after a death";

/**
 * Writes every recorded value, then goes through what lies below: whatever was born armed, as a copy of its parent,
 * gets 0. A memcg that is gone, or another one under the same name, is left alone.
 */
export function restore(record: ArmedRecord, occasion: Occasion): Restored {
  const result: Restored = { restored: [], failed: [] };
  const known = new Set(record.foreign);
  for (const { ino } of record.armed) known.add(ino);
  const alive = record.armed.filter(({ memcg, ino }) =>
    attempt(memcg, result, false, () => statDirectory(record.mountPoint + memcg)?.ino === ino),
  );
  for (const { memcg, was } of alive) putBack(record.mountPoint, memcg, was, result, occasion);
  for (const { memcg } of topmost(alive.filter(({ was }) => !was))) {
    releaseBelow(record.mountPoint, memcg, known, result);
  }
  return result;
}

/** The memcgs that lie below no other of them. */
function topmost(armed: readonly ArmedMemcg[]): ArmedMemcg[] {
  const paths = new Set(armed.map(({ memcg }) => memcg));
  return armed.filter(({ memcg }) => !ancestors(memcg).some((ancestor) => paths.has(ancestor)));
}

function releaseBelow(mountPoint: string, memcg: string, known: ReadonlySet<bigint>, result: Restored): void {
  const pending = [memcg];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const here = path;
    for (const name of attempt(here, result, null, () => listDirectories(mountPoint + here)) ?? []) {
      const child = `${here}/${name}`;
      pending.push(child);
      const facts = attempt(child, result, null, () => statDirectory(mountPoint + child));
      if (facts !== null && !known.has(facts.ino)) putBack(mountPoint, child, false, result);
    }
  }
}

/** Opens for writing only what differs: where nothing has to be put back, no right to write is needed. */
function putBack(mountPoint: string, memcg: string, was: boolean, result: Restored, occasion?: Occasion): void {
  const control = attempt(memcg, result, null, () => readOomControl(mountPoint + memcg));
  if (control === null) return;
  const isDisabled = was && !(occasion === "after a death" && control.underOom);
  if (control.killDisable === isDisabled) return;
  const fd = openPath(`${mountPoint}${memcg}/memory.oom_control`, O_RDWR);
  const error = fd < 0 ? errnoName(errno()) : writeKillDisable(fd, isDisabled);
  if (fd >= 0) close(fd);
  if (error === null) result.restored.push(memcg);
  else if (error !== "ENOENT" && error !== "ENODEV") result.failed.push(`${memcg}: ${error}`);
}

/** Whatever goes wrong with one memcg, the others are given back. */
function attempt<T>(memcg: string, result: Restored, otherwise: T, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    result.failed.push(`${memcg}: ${code ?? message}`);
    return otherwise;
  }
}
