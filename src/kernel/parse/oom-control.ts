/** memory.oom_control of cgroup v1. */
export interface OomControl {
  /** 1: the kernel's killer is held off. */
  readonly killDisable: boolean;
  readonly underOom: boolean;
  /** Processes of this very memcg that the kernel has killed; null on kernels that do not count them. */
  readonly killed: number | null;
}

/** Takes unknown lines and CRLF in its stride; null where a line that we stand on is missing. */
export function parseOomControl(text: string): OomControl | null {
  const killDisable = /^oom_kill_disable ([01])\s*$/m.exec(text)?.[1];
  const underOom = /^under_oom (\d+)\s*$/m.exec(text)?.[1];
  const killed = Number(/^oom_kill (\d+)\s*$/m.exec(text)?.[1] ?? Number.NaN);
  if (killDisable === undefined || underOom === undefined) return null;
  return {
    killDisable: killDisable === "1",
    underOom: underOom !== "0",
    killed: Number.isFinite(killed) ? killed : null,
  };
}
