/** The pids of cgroup.procs. A 0 stands for a process of another pid namespace: nobody that we could name. */
export function parsePids(text: string): number[] {
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}

/** A file that holds one number, or null. */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim();
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) : null;
}
