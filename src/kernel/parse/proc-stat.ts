/** /proc/PID/stat, as far as the walk needs it; see proc_pid_stat(5) for the fields. */
export interface ProcStat {
  readonly pid: number;
  /** The thread that these are the facts of: the leader, whose number is the pid, unless `readProcStat` took another. */
  readonly threadId: number;
  /** How many threads the process has. */
  readonly threads: number;
  readonly comm: string;
  readonly state: string;
  /** The parent; 0 where it is outside our pid namespace. */
  readonly ppid: number;
  readonly kernelThread: boolean;
  readonly exiting: boolean;
  readonly killPending: boolean;
  /** Clock ticks after boot. */
  readonly startTime: number;
  readonly rssPages: number;
}

/** Bits of the flags field, include/linux/sched.h. */
const PF_EXITING = 0x4;
/** A signal has ended it, and it is on its way to PF_EXITING: a core dump or a tracer may hold it up. */
const PF_SIGNALED = 0x400;
const PF_KTHREAD = 0x200000;
/** Bit of SIGKILL in the mask of pending signals. */
const SIGKILL_BIT = 1 << 8;

/** A comm may hold `) R 1 (`, blanks and line ends: the fields begin behind the last `)`. Null if the text is cut short. */
export function parseProcStat(text: string): ProcStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return null;
  // fields[0] is field 3, the state.
  const fields = text.slice(close + 2).split(" ");
  if (fields.length < 29) return null;
  const flags = Number(fields[6]);
  const pid = Number.parseInt(text, 10);
  return {
    pid,
    threadId: pid,
    threads: Number(fields[17]),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: Number(fields[1]),
    kernelThread: (flags & PF_KTHREAD) !== 0,
    exiting: (flags & (PF_EXITING | PF_SIGNALED)) !== 0,
    killPending: (Number(fields[28]) & SIGKILL_BIT) !== 0,
    startTime: Number(fields[19]),
    rssPages: Number(fields[21]),
  };
}
