/** What is lent, on file, so that whoever comes after us can take it back: RUNTIME_DIR/lent.json. */
import { type LimitFile, readLimitBytes, readUsageBytes, writeLimitBytes } from "../kernel/memcg.ts";
import { readText, statDirectory } from "../kernel/read.ts";
import { removeFile, replaceFile } from "../kernel/state-file.ts";

/** A limit that is higher than it should be for a while. */
export interface RaisedLimit {
  readonly file: LimitFile;
  readonly wasBytes: number;
  readonly raisedBytes: number;
}

export interface Loan {
  readonly memcg: string;
  /** Inode number of its directory: a path alone may mean another memcg by then. */
  readonly ino: bigint;
  readonly bytes: number;
  /** In the order in which they are to be lowered. */
  readonly limits: readonly RaisedLimit[];
}

export interface LoanRecord {
  readonly mountPoint: string;
  readonly loans: readonly Loan[];
}

const fileOf = (runtimeDir: string): string => `${runtimeDir}/lent.json`;

/** Whether an earlier run may have left anything. */
export function hasLoans(runtimeDir: string): boolean {
  return readText(fileOf(runtimeDir)) !== null;
}

/** Throws as `node:fs` does, as ENOSPC: what cannot be recorded must not be lent. */
export function writeLoans(runtimeDir: string, { mountPoint, loans }: LoanRecord): void {
  const written = loans.map((loan) => ({ ...loan, ino: `${loan.ino}` }));
  if (loans.length === 0) removeFile(fileOf(runtimeDir));
  else replaceFile(fileOf(runtimeDir), JSON.stringify({ version: 1, mountPoint, loans: written }));
}

/** Null if nothing is lent. Throws if the file is broken: nobody but us writes it, so somebody should look. */
export function readLoans(runtimeDir: string): LoanRecord | null {
  const text = readText(fileOf(runtimeDir));
  if (text === null) return null;
  try {
    const { mountPoint, loans } = JSON.parse(text) as { mountPoint: string; loans: (Loan & { ino: string })[] };
    return { mountPoint, loans: loans.map((loan) => ({ ...loan, ino: BigInt(loan.ino) })) };
  } catch (cause) {
    throw new Error(`${fileOf(runtimeDir)} is broken; put the limits back by hand and remove it`, { cause });
  }
}

/** Limits of a loan that still are as we raised them; somebody else's value is theirs to keep. */
export function stillRaised(directory: string, { limits }: Loan): RaisedLimit[] {
  return limits.filter(({ file, raisedBytes }) => readLimitBytes(directory, file) === raisedBytes);
}

/** What became of loans that somebody tried to take back. */
export interface TakenBack {
  readonly returned: readonly Loan[];
  /** Each with the name of the error: EBUSY while the memcg uses more than it had before. */
  readonly kept: readonly { readonly loan: Loan; readonly why: string }[];
}

/**
 * Takes back what is on record, and leaves on record what cannot be taken. `patiently` has the kernel reclaim what is in
 * the way, for as long as that takes; else nothing waits. What has another name by now is left to the next start.
 */
export function takeBackRecorded(runtimeDir: string, how: "patiently" | "at once"): TakenBack {
  const record = readLoans(runtimeDir);
  if (record === null) return { returned: [], kept: [] };
  const elsewhere: Loan[] = [];
  const returned: Loan[] = [];
  const kept: { loan: Loan; why: string }[] = [];
  for (const loan of record.loans) {
    const directory = record.mountPoint + loan.memcg;
    const isThere = statDirectory(directory)?.ino === loan.ino;
    const raised = isThere ? stillRaised(directory, loan) : [];
    const why = lower(directory, raised, how);
    if (!isThere) elsewhere.push(loan);
    else if (why !== null) kept.push({ loan, why });
    else if (raised.length > 0) returned.push(loan);
  }
  writeLoans(runtimeDir, { ...record, loans: [...elsewhere, ...kept.map(({ loan }) => loan)] });
  return { returned, kept };
}

/** Null, or why not. */
function lower(directory: string, raised: readonly RaisedLimit[], how: "patiently" | "at once"): string | null {
  for (const { file, wasBytes } of raised) {
    if (how === "at once" && readUsageBytes(directory) > wasBytes) return "EBUSY";
    const error = writeLimitBytes(directory, file, wasBytes);
    if (error !== null) return error;
  }
  return null;
}
