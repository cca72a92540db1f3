/** A line of /proc/meminfo or /proc/PID/status in bytes, as `MemAvailable` or `VmSwap`; null if it is not there. */
export function parseKibibytes(text: string, key: string): number | null {
  const found = new RegExp(`^${key}:[ \\t]+(\\d+) kB$`, "m").exec(text);
  return found === null ? null : Number(found[1]) * 1024;
}
