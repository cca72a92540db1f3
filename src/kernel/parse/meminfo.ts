/** Bytes of one line of /proc/meminfo, as `MemAvailable`; 0 if it is not there. */
export function parseMeminfo(text: string, key: string): number {
  const kibibytes = new RegExp(`^${key}: +(\\d+) kB$`, "m").exec(text)?.[1];
  return Number(kibibytes ?? 0) * 1024;
}
