/** What is armed, on file, so that whoever comes after us can put it back: RUNTIME_DIR/armed.json. */
import { readText } from "../kernel/read.ts";
import { removeFile, replaceFile } from "../kernel/state-file.ts";

export interface ArmedMemcg {
  readonly memcg: string;
  /** Inode number of its directory: a path alone may mean another memcg by then. */
  readonly ino: bigint;
  /** oom_kill_disable before we came. */
  readonly was: boolean;
}

export interface ArmedRecord {
  /** Where the memory controller is mounted. */
  readonly mountPoint: string;
  readonly armed: readonly ArmedMemcg[];
  /** Below the armed ones, not ours, and held by somebody else before we came: left as they are. */
  readonly foreign: ReadonlySet<bigint>;
}

export const recordFile = (runtimeDir: string): string => `${runtimeDir}/armed.json`;

/** Throws as `node:fs` does, as ENOSPC: what cannot be recorded must not be armed. */
export function writeRecord(runtimeDir: string, record: ArmedRecord): void {
  const armed = record.armed.map(({ memcg, ino, was }) => ({ memcg, ino: `${ino}`, was: Number(was) }));
  const foreign = Array.from(record.foreign, String);
  replaceFile(recordFile(runtimeDir), JSON.stringify({ version: 1, mountPoint: record.mountPoint, armed, foreign }));
}

/** Null if there is none. Throws if it is broken: nobody but us writes it, so somebody should look. */
export function readRecord(runtimeDir: string): ArmedRecord | null {
  const file = recordFile(runtimeDir);
  const text = readText(file);
  if (text === null) return null;
  try {
    const { mountPoint, armed, foreign } = JSON.parse(text) as {
      mountPoint: string;
      armed: { memcg: string; ino: string; was: number }[];
      foreign: string[];
    };
    return {
      mountPoint: `${mountPoint}`,
      armed: armed.map(({ memcg, ino, was }) => ({ memcg: `${memcg}`, ino: BigInt(ino), was: was === 1 })),
      foreign: new Set(foreign.map(BigInt)),
    };
  } catch (cause) {
    throw new Error(`${file} is broken; put oom_kill_disable back by hand and remove it`, { cause });
  }
}

export function removeRecord(runtimeDir: string): void {
  removeFile(recordFile(runtimeDir));
}
