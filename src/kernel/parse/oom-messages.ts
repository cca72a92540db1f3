/**
 * What the kernel's killer says when it has killed, from mm/oom_kill.c. Names of memcgs and processes stand in these
 * lines as they are, commas, blanks and brackets included, and their owners choose them.
 */

/** Whose limit was hit: that of a memcg, or that of the machine. */
export type OomCause = "memcg" | "system";

/** `Memory cgroup out of memory: Killed process 7 (comm) total-vm:…`: one such line for every process that it kills. */
export interface KilledLine {
  readonly pid: number;
  readonly comm: string;
  /** Null on old kernels, which do not say it in this line. */
  readonly cause: OomCause | null;
}

/** Where it was killed, from the line before it, which the kernel leaves out when there are many. */
export interface Place {
  readonly memcg: string;
  /** Null for a system OOM. */
  readonly oomMemcg: string | null;
}

// No other message begins like this: a comm, with which some do begin, has no more than 15 bytes.
const KILLED =
  /^(?:(Memory cgroup out of memory|Out of memory)[^:]*: )?Killed process (\d+) \((.*)\)(?:, UID \d+,)? total-vm:\d+kB/s;

/** Null if it is another line. */
export function parseKilled(text: string): KilledLine | null {
  const [, what, pid, comm] = KILLED.exec(text) ?? [];
  if (pid === undefined || comm === undefined) return null;
  const cause = what === undefined ? null : what.startsWith("Memory") ? "memcg" : "system";
  return { pid: Number(pid), comm, cause };
}

/** Whether a line is, or begins, `oom-kill:constraint=…,oom_memcg=…,task_memcg=…,task=…,pid=…,uid=…`. */
export function isOomSummary(text: string): boolean {
  return text.startsWith("oom-kill:constraint=");
}

/**
 * The place in such a summary. A name may hold `,task_memcg=`, so every way to read the line is tried: the victim is
 * known from the other line, lies in the OOM memcg, and of what is left those that are memcgs win. Null if it is of
 * another process, cut short, or cannot be told.
 */
export function parsePlace(
  summary: string,
  { pid, comm }: KilledLine,
  isMemcg: (path: string) => boolean,
): Place | null {
  const victim = `,task=${comm},pid=${pid}`;
  const at = summary.lastIndexOf(victim);
  if (at < 0 || !/^(?:,uid=\d+)?$/.test(summary.slice(at + victim.length))) return null;
  const head = summary.slice(0, at);
  const isMemcgOom = head.startsWith("oom-kill:constraint=CONSTRAINT_MEMCG,");
  const places = isMemcgOom ? memcgPlaces(head) : systemPlaces(head);
  const known = places.filter(({ memcg, oomMemcg }) => isMemcg(memcg) && (oomMemcg === null || isMemcg(oomMemcg)));
  const [place, another] = known.length > 0 ? known : places;
  return place === undefined || another !== undefined ? null : place;
}

function memcgPlaces(head: string): Place[] {
  return after(head, ",oom_memcg=").flatMap((from) =>
    after(head, ",task_memcg=").flatMap((to): Place[] => {
      const oomMemcg = head.slice(from, Math.max(from, to - ",task_memcg=".length));
      const memcg = head.slice(to);
      return oomMemcg.startsWith("/") && isWithin(memcg, oomMemcg) ? [{ memcg, oomMemcg }] : [];
    }),
  );
}

function systemPlaces(head: string): Place[] {
  const places = after(head, ",global_oom,task_memcg=").map((from) => ({ memcg: head.slice(from), oomMemcg: null }));
  return places.filter(({ memcg }) => memcg.startsWith("/"));
}

/** Where the text behind each `mark` begins. */
function after(text: string, mark: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found.push(at + mark.length);
  return found;
}

function isWithin(memcg: string, above: string): boolean {
  return above === "/" ? memcg.startsWith("/") : memcg === above || memcg.startsWith(`${above}/`);
}
