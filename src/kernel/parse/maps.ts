/** A range of addresses. */
export interface Range {
  readonly start: number;
  readonly bytes: number;
}

/** Of /proc/PID/maps, what is mapped from files and cannot be written: code, and constants. */
export function parseProgramRanges(text: string): Range[] {
  const lines = text.matchAll(/^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ \d+ +\/.*$/gm);
  return Array.from(lines, ([, from = "", to = ""]) => {
    const start = Number.parseInt(from, 16);
    return { start, bytes: Number.parseInt(to, 16) - start };
  });
}
