/** A mount of cgroup v1 or v2. */
export interface CgroupMount {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** What of the hierarchy is mounted there: `/`, unless it is a bind mount or a cgroup namespace. */
  readonly root: string;
  /** v1: the controllers. */
  readonly controllers: readonly string[];
}

/** The cgroup mounts of /proc/self/mountinfo, in its order; see proc_pid_mountinfo(5). */
export function parseCgroupMounts(text: string): CgroupMount[] {
  return text.split("\n").flatMap((line): CgroupMount[] => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", mountPoint = ""] = before.split(" ").map(decodeOctal);
    const [type, , options = ""] = after.split(" ");
    if (type === "cgroup2") return [{ version: 2, mountPoint, root, controllers: [] }];
    if (type === "cgroup") return [{ version: 1, mountPoint, root, controllers: options.split(",") }];
    return [];
  });
}

/** mountinfo writes blank, tab, line end and backslash in octal. */
function decodeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
