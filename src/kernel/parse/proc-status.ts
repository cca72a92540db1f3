/** /proc/PID/status, as far as it says whose a process is; see proc_pid_status(5). */
export interface ProcStatus {
  /** The process that a thread belongs to; its own pid for a process. */
  readonly tgid: number;
  readonly realUid: number;
  readonly effectiveUid: number;
}

/** Null if the text is cut short. A comm cannot begin a line of its own here: the kernel escapes line ends. */
export function parseProcStatus(text: string): ProcStatus | null {
  const tgid = /^Tgid:\t(\d+)$/m.exec(text)?.[1];
  const uids = /^Uid:\t(\d+)\t(\d+)\t/m.exec(text);
  if (tgid === undefined || uids === null) return null;
  return { tgid: Number(tgid), realUid: Number(uids[1]), effectiveUid: Number(uids[2]) };
}
